import { stat } from 'node:fs/promises';
import { pathOf, type Streams } from '../files/streams';
import { openMatrix, type OpenMatrix } from './open-matrix';
import { VectorIndex } from './vector-index';

/**
 * The vectors that were searched last stay in memory, for whoever searches them again: until another file is searched,
 * or this one has changed. Searches go one after the other.
 */
export class LastSearched {
  #now: { path: string; stamp: string; open: OpenMatrix; index: VectorIndex } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly io: Pick<Streams, 'cwd' | 'stdin'>) {}

  /** Does something with the vectors of a file. @throws file-unreadable, embedding-invalid, storage-full */
  search<T>(file: string, work: (open: OpenMatrix, index: VectorIndex) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      const path = pathOf(this.io, file);
      const found = await stat(path).catch(() => undefined);
      const now = this.#now;
      if (now?.path !== path || now.stamp !== `${found?.size} ${found?.mtimeMs}`) {
        await this.#forget();
        const open = await openMatrix(this.io, file);
        const index = await VectorIndex.open(open).catch((error: unknown) => {
          open.close();
          throw error;
        });
        this.#now = { path, stamp: open.stamp, open, index };
      }
      return work(this.#now!.open, this.#now!.index);
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #forget(): Promise<void> {
    const now = this.#now;
    this.#now = undefined;
    now?.open.close();
    await now?.index.close();
  }

  /** After what is being searched. */
  async close(): Promise<void> {
    await this.#turn;
    await this.#forget();
  }
}
