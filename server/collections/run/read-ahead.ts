import { setMaxListeners } from 'node:events';
import type { BatchInput } from '../../../models/collections/types';
import { throwIfAborted } from '../../../models/errors';
import { told } from '../../errors/told';
import type { PhotoRow } from './shard-files';
import type { Prepare, RunInput } from './types';

/** A photo that was read, or why it could not be. */
export type ReadPhoto = BatchInput | { key: string; error: NonNullable<PhotoRow['error']> };

/** Photos that are read and decoded at once. */
const atOnce = 4;

/**
 * Reads and prepares photos in order while the engine works on those before them: at most `ahead` are begun and not
 * taken, so that memory does not grow with the collection.
 */
export class ReadAhead {
  readonly #begun: Promise<ReadPhoto>[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #ended = new AbortController();
  #reading = 0;
  #next = 0;

  constructor(
    private readonly inputs: readonly RunInput[],
    private readonly prepare: Prepare,
    private readonly ahead: number,
  ) {
    // Each photo that is being read listens; Node would take eleven for a leak, and say so to the person.
    setMaxListeners(0, this.#ended.signal);
    this.#begin();
  }

  /** The next `count` photos. */
  async take(count: number): Promise<ReadPhoto[]> {
    const photos: ReadPhoto[] = [];
    while (photos.length < count && this.#begun.length) {
      photos.push(await this.#begun.shift()!);
      this.#begin();
    }
    return photos;
  }

  /** Begins nothing more. */
  close(): void {
    this.#next = this.inputs.length;
    this.#ended.abort();
  }

  #begin(): void {
    while (this.#begun.length < this.ahead && this.#next < this.inputs.length)
      this.#begun.push(this.#read(this.inputs[this.#next++]!));
  }

  async #read(input: RunInput): Promise<ReadPhoto> {
    if (this.#reading >= atOnce) await new Promise<void>((turn) => this.#waiting.push(turn));
    this.#reading++;
    try {
      return await readPhoto(input, this.prepare, this.#ended.signal);
    } finally {
      this.#reading--;
      this.#waiting.shift()?.();
    }
  }
}

/** Never throws: why it could not be read is what is said of it. */
export async function readPhoto(input: RunInput, prepare: Prepare, signal?: AbortSignal): Promise<ReadPhoto> {
  const { key } = input;
  try {
    throwIfAborted(signal);
    return { key, ...(await prepare(await input.read(signal), signal)) };
  } catch (error) {
    const { code, message } = told(error);
    return { key, error: { code, message } };
  }
}
