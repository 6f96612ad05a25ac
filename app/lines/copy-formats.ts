import type { Numbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';
import { endOf, type LaneFilm } from '../views/film';
import { laneTitle } from '../views/looks';
import { type Column, columns, type Line, type Row, type Said } from './columns';

export const copyFormats = ['text', 'markdown', 'json'] as const;
export type CopyFormat = (typeof copyFormats)[number];

/** What a lane said: its caption, or as far as it came. */
const saidBy = (lane: LaneFilm): string => endOf(lane)?.caption ?? lane.caption;
const words = ({ lane, said }: Row): string => (lane ? saidBy(lane) : (said?.text ?? ''));

/** Whose words they are; of a person's, whether they were a lane's before. */
function whose({ lane, said }: Row, titleOf: (lane: string) => string, t: Translate): string {
  if (lane) return laneTitle(lane);
  if (!said?.lane) return t('you');
  const from = { lane: titleOf(said.lane) };
  return said.own ? t('you, made of {{lane}}', from) : t('you, accepted from {{lane}}', from);
}

/**
 * Captions to be pasted elsewhere, a person's own among them and marked as such: a line each, a Markdown table of what
 * is shown, or JSON with every number there is. Lanes that said nothing are left out, but for JSON, which tells how
 * each ended.
 */
export function copied(
  format: CopyFormat,
  rows: readonly Row[],
  { shown, t, numbers }: { shown: readonly Column[]; t: Translate; numbers: Numbers },
): string {
  if (format === 'json') return `${JSON.stringify(rows.map(plain), null, 2)}\n`;
  const told = rows.filter(words);
  const titleOf = (id: string) => {
    const lane = rows.find((row) => row.lane?.id === id)?.lane;
    return lane ? laneTitle(lane) : id;
  };
  if (format === 'text')
    return told.map((row) => `${whose(row, titleOf, t)}: ${words(row).replace(/\s+/g, ' ')}\n`).join('');
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [
    row([t('lane'), t('caption'), ...shown.map(({ title }) => t(title))]),
    row(['---', '---', ...shown.map(() => '---:')]),
    ...told.map((line) =>
      row([
        cell(whose(line, titleOf, t)),
        cell(words(line)),
        ...shown.map(({ value, show }) => {
          const v = value(line);
          return v === undefined ? '' : show(v, numbers);
        }),
      ]),
    ),
  ].join('');
}

/** What would end a cell or begin markup is escaped. */
const cell = (text: string) => text.replace(/[\\|`*_<>[\]]/g, '\\$&').replace(/\s+/g, ' ');

const jsonNames: Readonly<Record<string, string>> = {
  cos: 'cosine',
  lp: 'logProb',
  device: 'deviceMs',
  speed: 'tokensPerSecond',
  first: 'firstTokenMs',
};

const plain = (row: Row) => (row.lane ? plainLane({ ...row, lane: row.lane }) : plainSaid(row, row.said!));

/** What a person says: of no decoder, `from` the lane whose caption it was. */
const plainSaid = (row: Row, { text, lane, own, score, by, at }: Said) => ({
  person: by ?? true,
  own,
  ...(lane === undefined ? {} : { from: lane }),
  at,
  caption: text,
  ...(score ? { space: score.space, ...(score.cut ? { cut: true } : {}) } : {}),
  ...numbersOf(row),
});

function plainLane(line: Line) {
  const { lane } = line;
  const result = endOf(lane);
  return {
    lane: lane.id,
    decoder: lane.decoder,
    options: lane.options,
    status: lane.status,
    caption: saidBy(lane) || null,
    ...(result?.certainty ? { trust: result.certainty } : {}),
    ...(result ? { space: result.similaritySpace, optimised: result.optimised } : {}),
    ...(lane.error && !result ? { error: { code: lane.error.code, message: lane.error.message } } : {}),
    ...numbersOf(line),
  };
}

const numbersOf = (row: Row) =>
  Object.fromEntries(
    columns.flatMap(({ key, value }) => {
      const v = value(row);
      return v === undefined ? [] : [[jsonNames[key] ?? key, v]];
    }),
  );
