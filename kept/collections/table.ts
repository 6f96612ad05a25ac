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
  /** CIDEr-D (times 1, as the COCO evaluation prints it) and ROUGE-L against the photo's references. */
  ciderD?: number;
  rougeL?: number;
  /** What a person thought of it: 1 to 5. */
  stars?: number;
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
  /** A person's own caption of it, and when they wrote it. */
  own?: { caption: string; at: Date };
  /** What people wrote of it. */
  references?: readonly string[];
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
  /** Undefined: as they lie in the collection. `lane`: of which lane, for what each lane has of its own. */
  sort: z
    .strictObject({
      by: z.enum(['key', 'disagreement', 'caption', 'similarity', 'tokens', 'ciderD', 'rougeL', 'stars']),
      lane: z.string().max(100).optional(),
      down: z.boolean().default(false),
    })
    .optional(),
  /** Some caption, or the photo's name, has this text. */
  text: z.string().max(200).optional(),
  /** `likely`: some caption is; `unsure`: all are; `failed`: the photo or some lane has no caption. */
  trust: z.enum(['likely', 'unsure', 'failed']).optional(),
  /** `high`: some caption has 4 stars or more; `low`: 2 or fewer; `none`: none has any; `own`: a person wrote one. */
  rating: z.enum(['high', 'low', 'none', 'own']).optional(),
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

/** Measures of a lane's captions that have a mean. */
export const measures = ['similarity', 'ciderD', 'rougeL', 'stars'] as const;
export type Measure = (typeof measures)[number];
/** Of `n` values; `half`: half the width of the 95 % interval of the mean, as of a normal distribution. */
export type Mean = { mean: number; half: number; n: number };
/** Means of the rows that fit, by lane and measure, of those that have a value. */
export type TableMeans = { rows: number; lanes: Record<string, Partial<Record<Measure, Mean>>> };

/** What references a table is scored against. */
export type TableReferences = {
  /** The file that they came in. */
  file: string;
  /** Photos that have some, and those of `rows` that have none. */
  photos: number;
  without: number;
  /** Names in the file that no photo has: some of them, and how many. */
  unknown: string[];
  unknownCount: number;
  /** What was noticed in reading them, a sentence each. */
  notes: string[];
};

export function meanOf(values: readonly number[]): Mean | undefined {
  const n = values.length;
  if (!n) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = n > 1 ? values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) : 0;
  return { mean, half: 1.96 * Math.sqrt(variance / n), n };
}

/** Means of rows. What a search optimised is no measure of its lane, and is left out. */
export function meansOf(rows: readonly TableRow[]): TableMeans {
  const values = new Map<string, Record<Measure, number[]>>();
  for (const { cells } of rows)
    for (const cell of cells) {
      let mine = values.get(cell.lane);
      if (!mine) values.set(cell.lane, (mine = { similarity: [], ciderD: [], rougeL: [], stars: [] }));
      for (const measure of measures) {
        const value = cell[measure];
        if (value !== undefined && !(measure === 'similarity' && cell.optimised)) mine[measure].push(value);
      }
    }
  const lanes = [...values].map(([lane, of]) => {
    const means = measures.map((measure) => [measure, meanOf(of[measure])] as const).filter(([, mean]) => mean);
    return [lane, Object.fromEntries(means) as Partial<Record<Measure, Mean>>] as const;
  });
  return { rows: rows.length, lanes: Object.fromEntries(lanes) };
}

const trusts: Record<NonNullable<TableQuery['trust']>, (row: TableRow) => boolean> = {
  likely: ({ cells }) => cells.some(({ certainty }) => certainty === 'likely'),
  unsure: ({ cells }) => cells.length > 0 && cells.every(({ certainty }) => certainty !== 'likely'),
  failed: ({ cells, error }) => error !== undefined || cells.some((cell) => cell.error),
};

const ratings: Record<NonNullable<TableQuery['rating']>, (row: TableRow) => boolean> = {
  high: ({ cells }) => cells.some(({ stars }) => stars !== undefined && stars >= 4),
  low: ({ cells }) => cells.some(({ stars }) => stars !== undefined && stars <= 2),
  none: ({ cells }) => cells.every(({ stars }) => stars === undefined),
  own: ({ own }) => own !== undefined,
};

/** What a person says of a photo: a caption of their own, or stars for the caption that a lane had then. */
export const collectionMark = z.strictObject({
  key: z.string().min(1).max(4096),
  /** Empty: the photo itself. */
  lane: z.string().max(100),
  /** Null takes the rating away. */
  stars: z.number().int().min(1).max(5).nullable().optional(),
  /** Of the photo itself; null, or nothing but spaces, takes it away. */
  caption: z.string().max(2000).nullable().optional(),
});
export type CollectionMark = z.infer<typeof collectionMark>;

/**
 * Rows that fit what is asked for, in its order; those without a value stand at the end. @param rows in their places
 */
export function sortedRows(rows: readonly TableRow[], query: TableQuery): readonly TableRow[] {
  const { sort, text, trust, disagreement, rating } = query;
  const wanted = text?.trim().toLowerCase();
  const fits = (row: TableRow) =>
    (!wanted ||
      row.key.toLowerCase().includes(wanted) ||
      row.own?.caption.toLowerCase().includes(wanted) ||
      row.cells.some(({ caption }) => caption?.toLowerCase().includes(wanted))) &&
    (rating === undefined || ratings[rating](row)) &&
    (trust === undefined || trusts[trust](row)) &&
    (disagreement === undefined || (row.disagreement ?? -1) >= disagreement);
  const found = wanted || trust || rating || disagreement !== undefined ? rows.filter(fits) : rows;
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
