import { StudioError } from '../errors';
import { elementBytes } from '../files/element-types';
import { norm } from '../spaces/embedding';
import { halfScale, type Kernel, kernelOn, type RowType } from './kernel';

/** A row that was found: its number in the whole matrix, and its cosine with the query. */
export type Hit = { row: number; cosine: number };

const page = 65_536;
/** Most bytes of rows that one share holds: WebAssembly addresses 4 GB. */
export const shareBytes = 3.5 * 2 ** 30;

/**
 * Rows of a matrix in memory, to be searched by cosine. They are kept as the file has them, so that the cosines are of
 * what it says; the sums are of single precision.
 */
export class RowShare {
  readonly #memory: WebAssembly.Memory;
  readonly #kernel: Kernel;
  /** Values of a row, padded to eights. */
  readonly #padded: number;
  readonly #out: number;
  readonly #rows: number;
  #inverse = new Float32Array(0);

  /** @param first number of its first row in the whole matrix */
  constructor(
    readonly rows: number,
    readonly dim: number,
    readonly type: RowType,
    private readonly first = 0,
  ) {
    this.#padded = Math.ceil(dim / 8) * 8;
    this.#out = this.#padded * 4;
    this.#rows = this.#out + Math.ceil(rows / 4) * 16;
    const bytes = this.#rows + rows * this.rowBytes;
    try {
      this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / page) });
    } catch (cause) {
      throw new StudioError(
        'storage-full',
        `There is no memory for ${rows} rows of ${dim} values (${Math.ceil(bytes / 2 ** 20)} MB). Close other programs, or search a part of the rows.`,
        { cause },
      );
    }
    this.#kernel = kernelOn(this.#memory);
  }

  /** Bytes of a row here, its padding included. */
  get rowBytes(): number {
    return this.#padded * elementBytes[this.type];
  }
  /** Whether rows lie here as in the file, so that they may be read straight into `place`. */
  get plain(): boolean {
    return this.#padded === this.dim;
  }

  /** The bytes of `count` rows from `from` on, of which the first `dim` values each are to be filled. */
  place(from: number, count: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#rows + from * this.rowBytes, count * this.rowBytes);
  }

  /** Puts rows of single precision into a share of that type. */
  put(from: number, values: Float32Array): void {
    const rows = values.length / this.dim;
    const all = new Float32Array(this.#memory.buffer, this.#rows + from * this.rowBytes, rows * this.#padded);
    for (let row = 0; row < rows; row++)
      all.set(values.subarray(row * this.dim, (row + 1) * this.dim), row * this.#padded);
  }

  /** All rows are here. @returns how many of them are no vectors (NaN, infinity, zeros), and are never found */
  seal(): { lost: number } {
    this.#kernel.squares(this.type, this.#rows, this.rows, this.#padded / 8, this.#out);
    const squares = this.#scores();
    this.#inverse = squares.map((square) => (square > 0 && square < Infinity ? 1 / Math.sqrt(square) : NaN));
    return { lost: this.#inverse.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0) };
  }

  /** The `most` rows that are nearest to a query of whatever norm, nearest first, of equals the first. */
  search(query: Float32Array, most: number): Hit[] {
    return topOf(this.cosines(query), most, this.first);
  }

  /** [rows]: the cosine of each row with a query of whatever norm; NaN for what is no vector. */
  cosines(query: Float32Array): Float32Array {
    const scale = (this.type === 'F16' ? halfScale : 1) / norm(query);
    const place = new Float32Array(this.#memory.buffer, 0, this.#padded).fill(0);
    query.forEach((value, i) => (place[i] = value * scale));
    this.#kernel.dot(this.type, this.#rows, this.rows, this.#padded / 8, 0, this.#out);
    return this.#scores().map((score, row) => score * this.#inverse[row]!);
  }

  #scores = () => new Float32Array(this.#memory.buffer, this.#out, this.rows);
}

/** Of more, all are put in order at once: a place in a long list is found slowly. */
const short = 1000;

function topOf(cosines: Float32Array, most: number, first: number): Hit[] {
  if (most > short) {
    const all = Array.from(cosines, (cosine, row) => ({ row: first + row, cosine }));
    return nearestOf([all.filter(({ cosine }) => !Number.isNaN(cosine))], most);
  }
  const hits: Hit[] = [];
  let least = -Infinity;
  for (let row = 0; row < cosines.length; row++) {
    const cosine = cosines[row]!;
    // Also false for what is no vector.
    if (!(cosine > least)) continue;
    let at = hits.length;
    while (at && hits[at - 1]!.cosine < cosine) at--;
    hits.splice(at, 0, { row: first + row, cosine });
    if (hits.length > most) hits.pop();
    if (hits.length === most) least = hits[most - 1]!.cosine;
  }
  return hits;
}

/** The nearest of several shares, nearest first, of equals the first. */
export const nearestOf = (parts: readonly (readonly Hit[])[], most: number): Hit[] =>
  parts
    .flat()
    .sort((a, b) => b.cosine - a.cosine || a.row - b.row)
    .slice(0, most);
