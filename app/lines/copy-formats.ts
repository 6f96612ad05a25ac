import type { Numbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';
import { endOf, type LaneFilm } from '../views/film';
import { laneTitle } from '../views/looks';
import { type Column, columns, type Line } from './columns';

export const copyFormats = ['text', 'markdown', 'json'] as const;
export type CopyFormat = (typeof copyFormats)[number];

/** What a lane said: its caption, or as far as it came. */
const said = (lane: LaneFilm): string => endOf(lane)?.caption ?? lane.caption;

/**
 * Captions to be pasted elsewhere: a line each, a Markdown table of what is shown, or JSON with every number there is.
 * Lanes that said nothing are left out, but for JSON, which tells how each ended.
 */
export function copied(
  format: CopyFormat,
  lines: readonly Line[],
  { shown, t, numbers }: { shown: readonly Column[]; t: Translate; numbers: Numbers },
): string {
  if (format === 'json') return `${JSON.stringify(lines.map(plain), null, 2)}\n`;
  const told = lines.filter(({ lane }) => said(lane));
  if (format === 'text') return told.map(({ lane }) => `${laneTitle(lane)}: ${said(lane)}\n`).join('');
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [
    row([t('lane'), t('caption'), ...shown.map(({ title }) => t(title))]),
    row(['---', '---', ...shown.map(() => '---:')]),
    ...told.map((line) =>
      row([
        laneTitle(line.lane),
        cell(said(line.lane)),
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

function plain(line: Line) {
  const { lane } = line;
  const result = endOf(lane);
  return {
    lane: lane.id,
    decoder: lane.decoder,
    options: lane.options,
    status: lane.status,
    caption: said(lane) || null,
    ...(result?.certainty ? { trust: result.certainty } : {}),
    ...(result ? { space: result.similaritySpace, optimised: result.optimised } : {}),
    ...(lane.error && !result ? { error: { code: lane.error.code, message: lane.error.message } } : {}),
    ...Object.fromEntries(
      columns.flatMap(({ key, value }) => {
        const v = value(line);
        return v === undefined ? [] : [[jsonNames[key] ?? key, v]];
      }),
    ),
  };
}
