import type { RunMarks } from '../run/marks';
import type { KeptReferences } from '../run/references';
import type { PhotoRow } from '../run/shard-files';
import { RowScores } from './row-scores';
import {
  disagreementOf,
  meansOf,
  pageOf,
  sortedRows,
  type TableMeans,
  type TablePage,
  type TableQuery,
  type TableReferences,
  type TableRow,
} from '../../../kept/collections/table';

/** A shard as the table needs it: the place of its first photo in the run, and how many of it are done. */
export type TableShard = { name: string; first: number; done: number; attempts: number };
/** Photos of a shard that are done, but for the first `skip`; none where nothing of it lies here. */
export type ReadShard = (name: string, skip: number) => AsyncIterable<PhotoRow>;

/**
 * The rows of one run as a table, in memory: read from its shards once and then only what is new, and sorted once for
 * each order that is asked for.
 */
export class RunTable {
  readonly #shards = new Map<string, { attempts: number; rows: TableRow[] }>();
  /** Another number whenever a row was added or taken away. */
  #version = 0;
  #sorted: { of: string; from: readonly TableRow[]; rows: readonly TableRow[] } | undefined;
  #marked: { version: number; stamp: string | undefined; rows: readonly TableRow[] } | undefined;
  #scores: { stamp: number; rows: readonly TableRow[]; scores: RowScores } | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(private readonly read: ReadShard) {}

  /** Rows as they are now; of a shard that is being written its whole batches. */
  async page(shards: readonly TableShard[], query: TableQuery, beside: Beside = {}): Promise<TablePage> {
    const { from = 0, count = 60, ...order } = query;
    const all = shards.reduce((sum, { done }) => sum + done, 0);
    // As they lie, rows are asked for long before anybody sorts them: only the shards that have them are read.
    if (!Object.keys(order).length && !beside.references) {
      const rows: TableRow[] = [];
      let before = 0;
      for (const shard of shards) {
        const [first, end] = [Math.max(0, from - before), from + count - before];
        if (first < shard.done && end > 0) rows.push(...(await this.#rowsOf([shard])).slice(first, end));
        before += shard.done;
      }
      return { rows: rows.map((row) => marked(row, beside.marks)), fit: all, all };
    }
    const { sorted, scores, total } = await this.#order(shards, order, beside);
    const page = pageOf(sorted, total, query);
    return scores ? { ...page, rows: page.rows.map((row) => scores.scored(row)) } : page;
  }

  /** The row of a photo, where it is done. */
  async row(shards: readonly TableShard[], key: string): Promise<TableRow | undefined> {
    return (await this.#rowsOf(shards)).find((row) => row.key === key);
  }

  /** Means of all rows that fit. */
  async means(shards: readonly TableShard[], query: TableQuery, beside: Beside = {}): Promise<TableMeans> {
    const { from: _from, count: _count, sort: _sort, ...filter } = query;
    const { sorted, scores } = await this.#order(shards, filter, beside);
    return meansOf(scores ? sorted.map((row) => scores.scored(row)) : sorted);
  }

  /** What references fit. */
  async references(shards: readonly TableShard[], references: KeptReferences): Promise<TableReferences> {
    return (await this.#order(shards, {}, { references })).scores!.told;
  }

  async #order(
    shards: readonly TableShard[],
    order: Omit<TableQuery, 'from' | 'count'>,
    { references, marks }: Beside,
  ) {
    const plain = await this.#rowsOf(shards);
    const version = this.#version;
    // Rows that nobody said anything of stay the same objects.
    if (this.#marked?.version !== version || this.#marked.stamp !== marks?.stamp)
      this.#marked = { version, stamp: marks?.stamp, rows: marks ? plain.map((row) => marked(row, marks)) : plain };
    const { rows } = this.#marked;
    if (references && (this.#scores?.rows !== rows || this.#scores.stamp !== references.stamp))
      this.#scores = { rows, stamp: references.stamp, scores: new RowScores(rows, references) };
    const scores = references && this.#scores?.scores;
    const of = JSON.stringify([order, references?.stamp]);
    if (this.#sorted?.of !== of || this.#sorted.from !== rows) {
      const by = order.sort?.by;
      const told = scores && (by === 'ciderD' || by === 'rougeL') ? rows.map((row) => scores.scored(row)) : rows;
      this.#sorted = { of, from: rows, rows: sortedRows(told, order) };
    }
    return { sorted: this.#sorted.rows, scores, total: rows.length };
  }

  /** Rows of these shards, what is new of them read first; one after the other, since two would read the same twice. */
  async #rowsOf(shards: readonly TableShard[]): Promise<TableRow[]> {
    const mine = this.#reading.then(() => this.#catchUp(shards));
    this.#reading = mine.catch(() => undefined);
    await mine;
    return shards.flatMap(({ name }) => this.#shards.get(name)?.rows ?? []);
  }

  async #catchUp(shards: readonly TableShard[]): Promise<void> {
    for (const { name, first, done, attempts } of shards) {
      const before = this.#shards.get(name);
      // A shard that is worked again says other things of its photos.
      const known =
        before && before.attempts === attempts && before.rows.length <= done ? before : { attempts, rows: [] };
      if (known !== before) {
        this.#shards.set(name, known);
        this.#version++;
      }
      if (known.rows.length >= done) continue;
      for await (const photo of this.read(name, known.rows.length)) {
        known.rows.push(rowOf(photo, first + known.rows.length));
        this.#version++;
        if (known.rows.length >= done) break;
      }
    }
  }
}

/** What people say of the photos: captions of theirs, and of these captions how good they are. */
export type Beside = { references?: KeptReferences; marks?: RunMarks };

/** The row with what a person says of it, else the very same. Stars of another caption do not count. */
function marked(row: TableRow, marks: RunMarks | undefined): TableRow {
  const said = marks?.of.get(row.key);
  if (!said) return row;
  const cells = row.cells.map((cell) => {
    const rated = said.stars.get(cell.lane);
    return rated && rated.caption === cell.caption ? { ...cell, stars: rated.stars } : cell;
  });
  return { ...row, cells, ...(said.own ? { own: said.own } : {}) };
}

function rowOf({ key, rows, error }: PhotoRow, place: number): TableRow {
  const disagreement = disagreementOf(rows.flatMap(({ caption }) => (caption === undefined ? [] : [caption])));
  return {
    place,
    key,
    cells: rows.map(({ lane, caption, similarity, optimised, certainty, logProb, tokens, error: fault }) => ({
      lane,
      ...(caption === undefined ? {} : { caption }),
      ...(similarity === undefined ? {} : { similarity }),
      ...(optimised ? { optimised } : {}),
      ...(certainty === undefined ? {} : { certainty }),
      ...(logProb === undefined ? {} : { logProb }),
      ...(tokens === undefined ? {} : { tokens: tokens.length }),
      ...(fault === undefined ? {} : { error: { code: fault.code, message: fault.message } }),
    })),
    ...(error === undefined ? {} : { error }),
    ...(disagreement === undefined ? {} : { disagreement }),
  };
}
