import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { StudioError } from '../../models/errors';
import { why } from '../errors/why';
import type { ByteSource } from '../../models/files/byte-source';
import type { OpenFile } from '../../models/weights/family';

/**
 * A file opened for random access by its handle: of any size, and only what is asked for is in memory. @throws
 * file-unreadable
 */
export class FileHandleSource implements ByteSource {
  readonly size: number;
  #handle: number | undefined;

  /** @param shown what it is called for a person */
  constructor(
    path: string,
    private readonly shown = path,
  ) {
    try {
      this.#handle = openSync(path, 'r');
      const info = fstatSync(this.#handle);
      if (!info.isFile()) throw new StudioError('file-unreadable', `${shown} is no file.`);
      this.size = info.size;
    } catch (cause) {
      this.close();
      if (cause instanceof StudioError) throw cause;
      const code = (cause as NodeJS.ErrnoException).code;
      throw new StudioError(
        'file-unreadable',
        code === 'ENOENT' ? `There is no file ${shown}. Check the path.` : `${shown} cannot be read: ${why(cause)}.`,
        { cause },
      );
    }
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.readInto(bytes, offset);
    return bytes;
  }

  /** Fills `bytes` with what lies from `offset` on. @throws file-unreadable */
  readInto(bytes: Uint8Array, offset: number): void {
    const { length } = bytes;
    if (this.#handle === undefined) throw new StudioError('internal', `${this.shown} was read after it was closed.`);
    for (let done = 0; done < length;) {
      // One system call reads less than 2 GB.
      const count = readSync(this.#handle, bytes, done, Math.min(length - done, 2 ** 30), offset + done);
      if (!count)
        throw new StudioError(
          'file-unreadable',
          `${this.shown} ended at byte ${offset + done} while it was read: it changed meanwhile. Try again.`,
        );
      done += count;
    }
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}

/** SHA-256 of a file, read in pieces. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
    hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

const hashes = new Map<string, string>();

/** A weight file for `Family`: hashed once a process unless its size or time changes. */
export async function openWeightFile(path: string): Promise<OpenFile> {
  const source = new FileHandleSource(path);
  return {
    source,
    sha256: async () => {
      const { mtimeMs, size } = await stat(path);
      const key = `${path} ${size} ${mtimeMs}`;
      let hash = hashes.get(key);
      if (hash === undefined) hashes.set(key, (hash = await hashFile(path)));
      return hash;
    },
    close: async () => source.close(),
  };
}
