import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { StudioError } from '../../models/errors';
import { elementBytes } from '../../models/files/element-types';
import { NativeThread } from '../../models/runtime/node-thread';
import type { Matrix, PlainRows } from '../../models/vectors/matrix';
import { type Hit, nearestOf, RowShare, shareBytes } from '../../models/vectors/row-share';
import { Caller } from '../../models/worker/caller';
import { threadPort } from '../engine/thread-port';
import type { OpenMatrix } from './open-matrix';
import { shareOfFile } from './share-of-file';
import type { SearchCalls } from './search-messages';

/** Values above which threads pay: fewer are searched while one would be told of them. */
const fewValues = 4_000_000;
/** Rows read at once where they are made single precision. */
const sliceRows = 4096;

/**
 * A matrix in memory, to be searched by cosine: every row is looked at, none by an approximation. Rows that lie plainly
 * in a file in half or single precision are kept so, shared among a thread a core; others are made single precision.
 */
export class VectorIndex {
  private constructor(
    readonly rows: number,
    readonly dim: number,
    /** How many rows are no vectors, and are never found. */
    readonly lost: number,
    private readonly parts: { search(query: Float32Array, most: number): Promise<Hit[]> | Hit[] }[],
    private readonly end: () => Promise<unknown>,
  ) {}

  /**
   * Reads a matrix. @param threads by default one a core, for large ones alone
   * @throws storage-full where it does not fit into memory, file-unreadable
   */
  static async open({ matrix, path }: Pick<OpenMatrix, 'matrix' | 'path'>, threads?: number): Promise<VectorIndex> {
    const { rows, dim, plain } = matrix;
    const bytes = rows * dim * elementBytes[plain?.type ?? 'F32'];
    if (bytes > 0.8 * totalmem())
      throw new StudioError(
        'storage-full',
        `${matrix.name} has ${rows} rows of ${dim} values, which take ${gigabytes(bytes)} GB; this machine has ${gigabytes(totalmem())} GB of memory. Save it in half precision (array.astype("float16")), or search a part of it.`,
      );
    if (plain && path !== undefined && (threads !== undefined || rows * dim > fewValues))
      return VectorIndex.#threaded({ ...plain, path, rows, dim }, threads ?? availableParallelism(), bytes);
    const share = plain && path !== undefined ? shareOfFile({ ...plain, path, first: 0, rows, dim }) : single(matrix);
    return new VectorIndex(rows, dim, share.seal().lost, [share], async () => undefined);
  }

  static async #threaded(
    of: PlainRows & { path: string; rows: number; dim: number },
    threads: number,
    bytes: number,
  ): Promise<VectorIndex> {
    const root = process.env.STUDIO_ROOT || process.cwd();
    const file = join(/* turbopackIgnore: true */ root, '.studio', 'search-thread.mjs');
    if (!existsSync(file))
      throw new StudioError(
        'internal',
        `${file} is missing. \`npm start\` and \`npm run studio\` make it; start them in the repository.`,
      );
    const size = Math.ceil(of.rows / Math.max(threads, Math.ceil(bytes / shareBytes)));
    const count = Math.ceil(of.rows / size);
    const gone = () => new StudioError('internal', 'The matrix is searched no more: it was closed.');
    const callers = Array.from(
      { length: count },
      () =>
        new Caller<SearchCalls>(
          (died) => threadPort(new NativeThread(file, {}), died),
          (why) => new StudioError('internal', `A thread that searches stopped: ${why}. Open the matrix again.`),
        ),
    );
    const end = () => Promise.all(callers.map((caller) => caller.end(gone())));
    try {
      const loaded = await Promise.all(
        callers.map((caller, n) =>
          caller.call('load', { ...of, first: n * size, rows: Math.min(size, of.rows - n * size) }),
        ),
      );
      const lost = loaded.reduce((sum, part) => sum + part.lost, 0);
      const parts = callers.map((caller) => ({
        search: (query: Float32Array, most: number) => caller.call('search', { query, most }),
      }));
      return new VectorIndex(of.rows, of.dim, lost, parts, end);
    } catch (error) {
      await end();
      throw error;
    }
  }

  /**
   * The `most` rows nearest to a query of whatever norm, nearest first, of equals the first: their numbers and cosines.
   * @throws embedding-mismatch for a query of another width
   */
  async search(query: Float32Array, most: number): Promise<Hit[]> {
    if (query.length !== this.dim)
      throw new StudioError(
        'embedding-mismatch',
        `The query has ${query.length} values, and the rows have ${this.dim}. Both must be of one space.`,
      );
    return nearestOf(await Promise.all(this.parts.map((part) => part.search(query, most))), most);
  }

  close = async (): Promise<void> => void (await this.end());
}

/** The whole matrix in single precision, in this thread. @throws storage-full */
export function single(matrix: Matrix): RowShare {
  const share = new RowShare(matrix.rows, matrix.dim, 'F32');
  for (let from = 0; from < matrix.rows; from += sliceRows)
    share.put(from, matrix.slice(from, Math.min(sliceRows, matrix.rows - from)));
  return share;
}

const gigabytes = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
