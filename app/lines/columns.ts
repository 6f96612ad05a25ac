import type { PersonCaption } from '@/kept/person-captions';
import type { Rating } from '@/kept/ratings';
import { msg } from '../languages/msg';
import { type Numbers, numbersIn } from '../languages/numbers';
import { endOf, type LaneFilm, tokensPerSecond } from '../views/film';
import type { ReferenceScores } from '../views/words';

/** What a person says, and how well that fits the input. */
export type Said = Pick<PersonCaption, 'id' | 'text' | 'lane' | 'own' | 'score' | 'at'> & { by?: string };
/** What stands in a line, with what is known of its caption besides: a lane's, or a person's. */
export type Row = { lane?: LaneFilm; said?: Said; scores?: ReferenceScores; rating?: Rating };
export type Line = Row & { lane: LaneFilm };
export type SaidLine = Row & { said: Said };
export const rowId = ({ lane, said }: Row): string => lane?.id ?? said?.id ?? '';
const end = ({ lane }: Row) => lane && endOf(lane);

export type Column = {
  key: string;
  /** As short as a column's head, and what it stands for. */
  title: string;
  name: string;
  help: string;
  value: (row: Row) => number | undefined;
  show: (value: number, numbers: Numbers) => string;
  /** Which of two values that may be compared is the better one; undefined where neither is. */
  best?: 'high' | 'low';
  /**
   * Values of one group may be compared with each other and with no other; undefined: with none. Without this, all may.
   */
  group?: (row: Row) => string | undefined;
  /** Shown only where some line has it. */
  optional?: boolean;
};

const all = () => '';

export const columns: readonly Column[] = [
  {
    key: 'cos',
    title: 'cos',
    name: msg('cosine'),
    help: msg('Cosine of caption and input in the referee’s space. A lane that optimised it is not ranked by it.'),
    value: (row) => end(row)?.similarity ?? row.said?.score?.cosine,
    show: (v, { decimals }) => decimals(v, 3),
    best: 'high',
    group: (row) => {
      if (row.said) return row.said.score?.space;
      const result = end(row);
      if (!result || result.optimised) return undefined;
      return `${result.similaritySpace}${result.ownEmbedding ? `, cut as ${result.ownEmbedding.crop}` : ''}`;
    },
  },
  {
    key: 'lp',
    title: 'lp',
    name: msg('log-probability'),
    help: msg(
      'Sum of the natural-log probabilities of the tokens, by the lane’s own language model: not comparable between decoders.',
    ),
    value: (row) => end(row)?.logProb,
    show: (v, { decimals }) => decimals(v, 1),
    // A longer caption has less of it, so that even of one decoder none is the best.
    group: ({ lane }) => lane?.decoder,
  },
  {
    key: 'tokens',
    title: msg('tokens'),
    name: msg('tokens'),
    help: msg('Tokens of the caption.'),
    value: (row) => end(row)?.tokens.length,
    show: (v) => String(v),
  },
  {
    key: 'device',
    title: msg('device'),
    name: msg('device time'),
    help: msg('The lane’s own work on its device.'),
    value: (row) => end(row)?.deviceMs,
    show: (v, { milliseconds }) => milliseconds(v),
    best: 'low',
  },
  {
    key: 'speed',
    title: msg('tok/s'),
    name: msg('tokens a second'),
    help: msg('Tokens a second of device time.'),
    value: (row) => {
      const result = end(row);
      return result && tokensPerSecond(result);
    },
    show: (v, { fixed }) => fixed(v, 0),
    best: 'high',
  },
  {
    key: 'first',
    title: msg('first'),
    name: msg('first token'),
    help: msg('Wall clock from the lane’s start to its first token'),
    value: (row) => end(row)?.firstTokenMs,
    show: (v, { milliseconds }) => milliseconds(v),
    best: 'low',
  },
  {
    key: 'ciderD',
    title: 'CIDEr-D',
    name: 'CIDEr-D',
    help: msg('Against your references, with the document frequencies that are named below.'),
    value: ({ scores }) => scores?.ciderD,
    show: (v, { fixed }) => fixed(v, 2),
    best: 'high',
    optional: true,
  },
  {
    key: 'bleu4',
    title: 'BLEU-4',
    name: 'BLEU-4',
    help: msg('Against your references. One sentence alone often has no four words in a row in common.'),
    value: ({ scores }) => scores?.bleu4,
    show: (v, { fixed }) => fixed(v, 3),
    best: 'high',
    optional: true,
  },
  {
    key: 'rougeL',
    title: 'ROUGE-L',
    name: 'ROUGE-L',
    help: msg('Against your references: the longest common subsequence of words.'),
    value: ({ scores }) => scores?.rougeL,
    show: (v, { fixed }) => fixed(v, 3),
    best: 'high',
    optional: true,
  },
  {
    key: 'stars',
    title: msg('stars'),
    name: msg('stars'),
    help: msg('What a person gave the caption, of 5.'),
    value: ({ rating }) => rating?.stars,
    show: (v) => String(v),
    best: 'high',
    optional: true,
  },
];

/** What is shown before anybody chose: few enough that names and states have room beside them. */
export const usualColumns: readonly string[] = ['cos', 'device', 'ciderD'];

/** The columns that a person chose, in their own order; what no line can have (without references) is left out. */
export function shownColumns(chosen: readonly string[], lines: readonly Row[]): Column[] {
  return columns.filter(
    ({ key, optional, value }) =>
      chosen.includes(key) && (!optional || lines.some((line) => value(line) !== undefined)),
  );
}

export type Sort = { key: string; down: boolean };

/** Whether the better ones come first where the greatest do. */
export const better = ({ best }: Column): boolean => best !== 'low';

/** What a press on a column's head makes of the order: the better ones first, then last, then as they stand. */
export function nextSort(before: Sort | undefined, column: Column): Sort | undefined {
  const { key } = column;
  const down = better(column);
  if (before?.key !== key) return { key, down };
  return before.down === down ? { key, down: !down } : undefined;
}

/**
 * Lines by a column: those that may be compared beside each other, those that may be compared with none behind them,
 * those without a value last. Lines that are alike keep their order.
 */
export function sortLines<R extends Row>(lines: readonly R[], { key, down }: Sort): R[] {
  const column = columns.find((each) => each.key === key);
  if (!column) return [...lines];
  const group = column.group ?? all;
  const groups = [...new Set(lines.map(group))];
  const rank = (line: R): [number, number] => {
    const value = column.value(line);
    if (value === undefined) return [Infinity, 0];
    const mine = group(line);
    return [mine === undefined ? groups.length : groups.indexOf(mine), down ? -value : value];
  };
  const ranks = new Map(lines.map((line) => [line, rank(line)]));
  return [...lines].sort((a, b) => {
    const [[groupA, valueA], [groupB, valueB]] = [ranks.get(a)!, ranks.get(b)!];
    return groupA === groupB ? valueA - valueB : groupA - groupB;
  });
}

/**
 * Those that lead a column, by their ids, among those whose values may be compared: all that read alike, and none where
 * all of them do, or where there is nothing to compare with.
 */
export function bestOf({ value, show, best, group = all }: Column, lines: readonly Row[]): ReadonlySet<string> {
  const leaders = new Set<string>();
  if (!best) return leaders;
  const groups = new Map<string, { id: string; v: number; shown: string }[]>();
  for (const line of lines) {
    const [v, mine] = [value(line), group(line)];
    if (v === undefined || mine === undefined) continue;
    const beside = groups.get(mine) ?? [];
    groups.set(mine, [...beside, { id: rowId(line), v, shown: show(v, numbersIn('en')) }]);
  }
  for (const compared of groups.values()) {
    const lead = compared.reduce((a, b) => ((best === 'high' ? b.v > a.v : b.v < a.v) ? b : a));
    const leading = compared.filter(({ shown }) => shown === lead.shown);
    if (leading.length < compared.length) for (const { id } of leading) leaders.add(id);
  }
  return leaders;
}

/** The lane before it that says the very same, by the id of a lane. */
export function equalLanes(lanes: readonly LaneFilm[]): ReadonlyMap<string, LaneFilm> {
  const first = new Map<string, LaneFilm>();
  const equal = new Map<string, LaneFilm>();
  for (const lane of lanes) {
    const caption = endOf(lane)?.caption.trim();
    if (!caption) continue;
    const said = first.get(caption);
    if (said) equal.set(lane.id, said);
    else first.set(caption, lane);
  }
  return equal;
}
