import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { StudioError } from '../../../models/errors';
import { NativeThread } from '../../../models/runtime/node-thread';
import type { PreparedPhoto, View } from '../../../models/spaces/prepared';
import { Caller } from '../../../models/worker/caller';
import { threadPort } from '../../engine/thread-port';
import type { PrepareCalls } from './messages';

export type PreparerOptions = {
  /** How the towers read a photo (models/collections/views.ts). */
  views: readonly View[];
  /**
   * Large JPEGs are decoded at a fraction of their size. The embedding moves by less than 0.001 (1 - cosine); off, it
   * is that of the photo read whole, bit for bit.
   */
  shrinkOnLoad: boolean;
  /** Default: one a core. */
  threads?: number;
};

/** A tower's side times this is what a shrunk JPEG keeps: resizing still has something to average. */
const spare = 2;

/** Reads photos as towers take them, several at once, in threads of its own. */
export class PhotoPreparer {
  readonly #threads: { caller: Caller<PrepareCalls>; asked: number }[];
  readonly #shrinkTo: number | undefined;
  #closed = false;

  /** @throws internal (no bundle) */
  constructor(private readonly options: PreparerOptions) {
    const root = process.env.STUDIO_ROOT || process.cwd();
    const file = join(/* turbopackIgnore: true */ root, '.studio', 'prepare-thread.mjs');
    if (!existsSync(file))
      throw new StudioError(
        'internal',
        `${file} is missing. \`npm start\` and \`npm run studio\` make it; start them in the repository.`,
      );
    this.#shrinkTo = options.shrinkOnLoad
      ? spare * Math.max(...options.views.map(({ spec: { size } }) => size))
      : undefined;
    this.#threads = Array.from({ length: options.threads ?? availableParallelism() }, () => ({
      asked: 0,
      caller: new Caller<PrepareCalls>(
        (died) => {
          if (this.#closed) throw closed();
          return threadPort(new NativeThread(file, {}), died);
        },
        (why) =>
          new StudioError('internal', `The thread that reads photos stopped: ${why}. A new one starts by itself.`),
      ),
    }));
  }

  /**
   * A photo as the towers take it; `bytes` go over to a thread where they are all of their buffer, and are gone here.
   * @throws image-unreadable, image-too-large
   */
  async prepare(bytes: Uint8Array, signal?: AbortSignal): Promise<PreparedPhoto> {
    const thread = this.#threads.reduce((least, other) => (other.asked < least.asked ? other : least));
    const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
    thread.asked++;
    try {
      return await thread.caller.call(
        'prepare',
        { bytes, views: this.options.views, shrinkTo: this.#shrinkTo },
        { signal, transfer: whole ? [bytes.buffer as ArrayBuffer] : [] },
      );
    } finally {
      thread.asked--;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map(({ caller }) => caller.end(closed())));
  }
}

const closed = () => new StudioError('internal', 'Photos are no longer read: the collection was closed.');
