import type { PhotoRow } from '../run/shard-files';
import {
  disagreementOf,
  pageOf,
  sortedRows,
  type TablePage,
  type TableQuery,
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
  #reading: Promise<void> = Promise.resolve();

  constructor(private readonly read: ReadShard) {}

  /** Rows as they are now; of a shard that is being written its whole batches. */
  async page(shards: readonly TableShard[], query: TableQuery): Promise<TablePage> {
    const { from = 0, count = 60, ...order } = query;
    const all = shards.reduce((sum, { done }) => sum + done, 0);
    // As they lie, rows are asked for long before anybody sorts them: only the shards that have them are read.
    if (!Object.keys(order).length) {
      const rows: TableRow[] = [];
      let before = 0;
      for (const shard of shards) {
        const [first, end] = [Math.max(0, from - before), from + count - before];
        if (first < shard.done && end > 0) rows.push(...(await this.#rowsOf([shard])).slice(first, end));
        before += shard.done;
      }
      return { rows, fit: all, all };
    }
    const rows = await this.#rowsOf(shards);
    const of = JSON.stringify(order);
    if (this.#sorted?.of !== of || this.#sorted.version !== this.#version)
      this.#sorted = { of, version: this.#version, rows: sortedRows(rows, query) };
    return pageOf(this.#sorted.rows, rows.length, query);
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
