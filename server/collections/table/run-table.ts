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
  #sorted: { of: string; version: number; rows: readonly TableRow[] } | undefined;
  #scores: { stamp: number; version: number; scores: RowScores } | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(private readonly read: ReadShard) {}

  /** Rows as they are now; of a shard that is being written its whole batches. */
  async page(shards: readonly TableShard[], query: TableQuery, references?: KeptReferences): Promise<TablePage> {
    const { from = 0, count = 60, ...order } = query;
    const all = shards.reduce((sum, { done }) => sum + done, 0);
    // As they lie, rows are asked for long before anybody sorts them: only the shards that have them are read.
    if (!Object.keys(order).length && !references) {
      const rows: TableRow[] = [];
      let before = 0;
      for (const shard of shards) {
        const [first, end] = [Math.max(0, from - before), from + count - before];
        if (first < shard.done && end > 0) rows.push(...(await this.#rowsOf([shard])).slice(first, end));
        before += shard.done;
      }
      return { rows, fit: all, all };
    }
    const { sorted, scores, total } = await this.#order(shards, order, references);
    const page = pageOf(sorted, total, query);
    return scores ? { ...page, rows: page.rows.map((row) => scores.scored(row)) } : page;
  }

  /** Means of all rows that fit. */
  async means(shards: readonly TableShard[], query: TableQuery, references?: KeptReferences): Promise<TableMeans> {
    const { from: _from, count: _count, sort: _sort, ...filter } = query;
    const { sorted, scores } = await this.#order(shards, filter, references);
    return meansOf(scores ? sorted.map((row) => scores.scored(row)) : sorted);
  }

  /** What references fit. */
  async references(shards: readonly TableShard[], references: KeptReferences): Promise<TableReferences> {
    return (await this.#order(shards, {}, references)).scores!.told;
  }

  async #order(shards: readonly TableShard[], order: Omit<TableQuery, 'from' | 'count'>, references?: KeptReferences) {
    const rows = await this.#rowsOf(shards);
    const version = this.#version;
    if (references && (this.#scores?.version !== version || this.#scores.stamp !== references.stamp))
      this.#scores = { version, stamp: references.stamp, scores: new RowScores(rows, references) };
    const scores = references && this.#scores?.scores;
    const of = JSON.stringify([order, references?.stamp]);
    if (this.#sorted?.of !== of || this.#sorted.version !== version) {
      const by = order.sort?.by;
      const told = scores && (by === 'ciderD' || by === 'rougeL') ? rows.map((row) => scores.scored(row)) : rows;
      this.#sorted = { of, version, rows: sortedRows(told, order) };
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
