import { StudioError } from '../errors';
import type { FloatPool } from './float-pool';
import type { Tensor } from './types';

const roomStep = 8;
/**
 * Positions that there is room for. It depends on the length alone, never on who runs beside: positions that are masked
 * add nothing to a sum, but how many there are decides in which order it is made.
 */
const roomFor = (length: number): number => Math.ceil(length / roomStep) * roomStep;

/** Memory of a cache [rows, heads, room, size], of which tensors hold the first rows and positions. */
export class Held {
  readonly holders = new Set<HeldTensor>();
  readonly data: Float32Array;
  #room: number;
  #given = false;

  constructor(
    private readonly pool: FloatPool,
    rows: number,
    readonly heads: number,
    length: number,
    readonly size: number,
  ) {
    this.#room = roomFor(length);
    this.data = pool.take(rows * heads * this.#room * size);
  }

  get room(): number {
    return this.#room;
  }

  /** As many as there is memory for. */
  get rows(): number {
    return Math.floor(this.data.length / (this.heads * this.#room * this.size));
  }

  /** Gives the memory back when nobody holds it. */
  tidy(): void {
    if (this.holders.size || this.#given) return;
    this.#given = true;
    this.pool.give(this.data);
  }

  /** The first `length` positions of a row of `from` [rows, heads, room, size] as row `to` of this. */
  take(to: number, from: Float32Array, room: number, row: number, length: number): void {
    const [mine, theirs, count] = [this.#room * this.size, room * this.size, length * this.size];
    for (let head = 0; head < this.heads; head++) {
      const [at, start] = [(row * this.heads + head) * theirs, (to * this.heads + head) * mine];
      this.data.set(from.subarray(at, at + count), start);
      // What is left of others may be no number, which no mask hides.
      this.data.fill(0, start + count, start + mine);
    }
  }

  /** Puts `fresh` [rows, heads, count, size] behind the first `length` positions, and zeros behind them. */
  append(fresh: Float32Array, length: number, count: number): void {
    const [each, step] = [count * this.size, this.#room * this.size];
    const rest = step - length * this.size - each;
    let to = length * this.size;
    for (let from = 0; from < fresh.length; from += each, to += step) {
      this.data.set(fresh.subarray(from, from + each), to);
      if (count > 1 && rest) this.data.fill(0, to + each, to + each + rest);
    }
  }

  /**
   * This, or where it is too small another, with room for `length` positions; `rows` rows and `before` positions stay.
   */
  withRoom(rows: number, before: number, length: number): Held {
    if (length <= this.#room) return this;
    const kept = Math.max(rows, ...[...this.holders].filter(({ spent }) => !spent).map(({ dims }) => dims[0]!));
    const [old, wide] = [this.#room * this.size, roomFor(length) * this.size];
    if (kept * this.heads * wide > this.data.length || [...this.holders].some((holder) => holder.length > before)) {
      const grown = new Held(this.pool, rows, this.heads, length, this.size);
      for (let row = 0; row < rows; row++) grown.take(row, this.data, this.#room, row, before);
      return grown;
    }
    const count = before * this.size;
    for (let at = kept * this.heads - 1; at >= 0; at--) {
      this.data.copyWithin(at * wide, at * old, at * old + count);
      this.data.fill(0, at * wide + count, (at + 1) * wide);
    }
    this.#room = roomFor(length);
    return this;
  }

  /**
   * Row r becomes what row `parents[r]` was. Only rows that change are written: each when no other comes from it any
   * more, and one of a circle by way of a row that is put aside.
   */
  rearrange(parents: readonly number[], length: number): void {
    const left = new Map(parents.flatMap((parent, row) => (parent === row ? [] : [[row, parent] as const])));
    const uses = new Map<number, number>();
    for (const parent of left.values()) uses.set(parent, (uses.get(parent) ?? 0) + 1);
    const free = [...left.keys()].filter((row) => !uses.get(row));
    for (let row = free.pop(); row !== undefined; row = free.pop()) {
      const parent = left.get(row)!;
      this.take(row, this.data, this.#room, parent, length);
      left.delete(row);
      uses.set(parent, uses.get(parent)! - 1);
      if (!uses.get(parent) && left.has(parent)) free.push(parent);
    }
    // What is left are circles: each row goes to one other.
    const each = this.heads * this.#room * this.size;
    for (const first of [...left.keys()]) {
      if (!left.has(first)) continue;
      const aside = this.data.slice(first * each, (first + 1) * each);
      let row = first;
      for (let parent = left.get(row)!; parent !== first; parent = left.get(row)!) {
        this.take(row, this.data, this.#room, parent, length);
        left.delete(row);
        row = parent;
      }
      this.take(row, aside, this.#room, 0, length);
      left.delete(row);
    }
  }
}

/** The first rows and positions of a memory, as a cache [rows, heads, length, size]. */
export class HeldTensor implements Tensor {
  readonly type = 'float32';
  readonly dims: readonly number[];
  #spent = false;

  constructor(
    readonly held: Held,
    rows: number,
    readonly length: number,
  ) {
    this.dims = [rows, held.heads, length, held.size];
    held.holders.add(this);
  }

  get spent(): boolean {
    return this.#spent;
  }

  spend(): void {
    this.#spent = true;
  }

  async read(): Promise<Float32Array> {
    if (this.#spent || !this.held.holders.has(this))
      throw new StudioError('internal', 'A cache was read that its owner had given up.');
    const { data, room, size } = this.held;
    const count = this.length * size;
    const packed = new Float32Array(this.dims.reduce((product, n) => product * n, 1));
    for (let from = 0, to = 0; to < packed.length; from += room * size, to += count)
      packed.set(data.subarray(from, from + count), to);
    return packed;
  }

  dispose(): void {
    if (this.held.holders.delete(this)) this.held.tidy();
  }

  /**
   * Memory in which row r is what row `parents[r]` of this is: its own where that is so already and nobody has
   * positions behind, or where nobody needs it any more.
   */
  arranged(parents: readonly number[], pool: FloatPool): Held {
    const { held, length } = this;
    const others = [...held.holders].filter((holder) => holder !== this);
    if (held.room === roomFor(length)) {
      if (parents.every((parent, row) => parent === row)) {
        if (others.every((other) => other.length <= length)) return held;
      } else if (this.#spent && !others.length && parents.length <= held.rows) {
        held.rearrange(parents, length);
        return held;
      }
    }
    return copied(held.data, held.room, [held.heads, length, held.size], parents, pool);
  }
}

function copied(
  from: Float32Array,
  room: number,
  [heads, length, size]: readonly [number, number, number],
  parents: readonly number[],
  pool: FloatPool,
): Held {
  const copy = new Held(pool, parents.length, heads, length, size);
  parents.forEach((parent, row) => copy.take(row, from, room, parent, length));
  return copy;
}

/** The rows that `parents` name of any tensor [rows, heads, length, size], in memory that has room. */
export async function heldRows(past: Tensor, parents: readonly number[], pool: FloatPool): Promise<Held> {
  if (past instanceof HeldTensor) return past.arranged(parents, pool);
  const [, heads = 1, length = 0, size = 1] = past.dims;
  return copied((await past.read()) as Float32Array, length, [heads, length, size], parents, pool);
}
