import * as z from 'zod';
import type { ErrorData } from '../../models/errors';

/** What one lane says of one photo, as the table shows it. */
export type TableCell = {
  lane: string;
  /** Absent where the lane failed (`error`). */
  caption?: string;
  /** Cosine of caption and photo in the family's space; `optimised`: the search chose the caption by it. */
  similarity?: number;
  optimised?: boolean;
  certainty?: 'likely' | 'unsure';
  logProb?: number;
  tokens?: number;
  error?: Pick<ErrorData, 'code' | 'message'>;
};

/** One photo: a cell for each lane, in the lanes' order. */
export type TableRow = {
  /** Its place in the run, from 0. */
  place: number;
  key: string;
  cells: readonly TableCell[];
  /** The photo itself could not be read; then there are no cells. */
  error?: Pick<ErrorData, 'code' | 'message'>;
  /** Its picture can be asked for. */
  shown?: boolean;
  /** 0: all lanes say the same words; 1: no two share one. Undefined where fewer than two said anything. */
  disagreement?: number;
};

/** Words of a caption, alike however they are written. */
const wordsOf = (caption: string): ReadonlySet<string> =>
  new Set(
    caption
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean),
  );

/**
 * How far captions are apart: 1 less the mean word overlap of the pairs, which is the share of two captions' words that
 * both have (Jaccard). Undefined for fewer than two captions.
 */
export function disagreementOf(captions: readonly string[]): number | undefined {
  const sets = captions.map(wordsOf);
  let [overlap, pairs] = [0, 0];
  for (let a = 0; a < sets.length; a++)
    for (let b = a + 1; b < sets.length; b++) {
      let both = 0;
      for (const word of sets[a]!) both += Number(sets[b]!.has(word));
      const all = sets[a]!.size + sets[b]!.size - both;
      overlap += all ? both / all : 1;
      pairs++;
    }
  return pairs ? 1 - overlap / pairs : undefined;
}

/** What the rows of a table are asked for by. */
export const tableQuery = z.strictObject({
  /** Where the rows that are wanted begin among those that fit, and how many. */
  from: z.number().int().min(0).default(0),
  count: z.number().int().min(1).max(200).default(60),
  /** Undefined: as they lie in the collection. `lane`: of which lane, for `caption`, `similarity` and `tokens`. */
  sort: z
    .strictObject({
      by: z.enum(['key', 'disagreement', 'caption', 'similarity', 'tokens']),
      lane: z.string().max(100).optional(),
      down: z.boolean().default(false),
    })
    .optional(),
  /** Some caption, or the photo's name, has this text. */
  text: z.string().max(200).optional(),
  /** `likely`: some caption is; `unsure`: all are; `failed`: the photo or some lane has no caption. */
  trust: z.enum(['likely', 'unsure', 'failed']).optional(),
  /** At least so much. */
  disagreement: z.number().min(0).max(1).optional(),
});
export type TableQuery = z.input<typeof tableQuery>;

/** The rows of a table that were asked for, and how many there are. */
export type TablePage = {
  rows: TableRow[];
  /** Rows that fit, and rows that there are so far. */
  fit: number;
  all: number;
};

const trusts: Record<NonNullable<TableQuery['trust']>, (row: TableRow) => boolean> = {
  likely: ({ cells }) => cells.some(({ certainty }) => certainty === 'likely'),
  unsure: ({ cells }) => cells.length > 0 && cells.every(({ certainty }) => certainty !== 'likely'),
  failed: ({ cells, error }) => error !== undefined || cells.some((cell) => cell.error),
};

/**
 * Rows that fit what is asked for, in its order; those without a value stand at the end. @param rows in their places
 */
export function sortedRows(rows: readonly TableRow[], query: TableQuery): readonly TableRow[] {
  const { sort, text, trust, disagreement } = query;
  const wanted = text?.trim().toLowerCase();
  const fits = (row: TableRow) =>
    (!wanted ||
      row.key.toLowerCase().includes(wanted) ||
      row.cells.some(({ caption }) => caption?.toLowerCase().includes(wanted))) &&
    (trust === undefined || trusts[trust](row)) &&
    (disagreement === undefined || (row.disagreement ?? -1) >= disagreement);
  const found = wanted || trust || disagreement !== undefined ? rows.filter(fits) : rows;
  if (!sort) return found;
  const { by, lane, down } = sort;
  const valueOf = (row: TableRow): string | number | undefined => {
    if (by === 'key') return row.key;
    if (by === 'disagreement') return row.disagreement;
    return (lane === undefined ? row.cells[0] : row.cells.find((cell) => cell.lane === lane))?.[by];
  };
  const keyed = found.map((row) => ({ row, value: valueOf(row) }));
  const sign = down ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.value === undefined || b.value === undefined)
      return Number(a.value === undefined) - Number(b.value === undefined) || a.row.place - b.row.place;
    const order = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
    return sign * order || a.row.place - b.row.place;
  });
  return keyed.map(({ row }) => row);
}

/** The part that was asked for. */
export const pageOf = (sorted: readonly TableRow[], all: number, { from = 0, count = 60 }: TableQuery): TablePage => ({
  rows: sorted.slice(from, from + count),
  fit: sorted.length,
  all,
});
