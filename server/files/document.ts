import { access, constants, open, readlink, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Streams, pathOf, write } from './streams';
import { StudioError } from '../../models/errors';
import { appendWhole } from './append-whole';
import { cannotOpen, cannotWrite } from './faults';
import { isThere, type OpenMode } from './lines';

type Parts = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
let made = 0;

/**
 * A file that holds one document: it is written beside and renamed, so whoever looks finds the old one or the new one
 * whole, also after a kill. A device or a pipe is written straight, and `-` is standard output.
 */
export class DocumentFile {
  #beside: { path: string; handle: FileHandle } | undefined;

  private constructor(
    private readonly io: Pick<Streams, 'stdout'>,
    private readonly name: string,
    /** Where it goes; `straight` where nothing can be renamed over it. */
    private readonly target: { path: string; straight: boolean; mode?: number } | undefined,
  ) {}

  /** Finds out before the work whether it can be written; `new`: and is not there yet. @throws option-invalid */
  static async open(
    io: Pick<Streams, 'cwd' | 'stdout'>,
    name: string,
    mode: OpenMode = 'overwrite',
  ): Promise<DocumentFile> {
    if (name === '-') return new DocumentFile(io, name, undefined);
    const path = pathOf(io, name);
    try {
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return undefined;
      });
      if (found?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
      if (found?.isFile() && mode === 'new') throw isThere(name);
      if (found) await access(path, constants.W_OK);
      const straight = found !== undefined && !found.isFile();
      // Through a link, to what it names, also where that is not there yet.
      const real = found
        ? await realpath(path)
        : await readlink(path).then(
            (to) => resolve(dirname(path), to),
            () => path,
          );
      const file = new DocumentFile(io, name, { path: straight ? path : real, straight, mode: found?.mode });
      await file.#open();
      return file;
    } catch (error) {
      if (error instanceof StudioError) throw error;
      throw cannotOpen(name, dirname(name), error);
    }
  }

  /** Whether it can be replaced again and again while the work goes on. */
  get replaceable(): boolean {
    return this.target !== undefined && !this.target.straight;
  }

  /** Puts a document in the place of what was there. @throws storage-full, file-unreadable, and what `parts` throws */
  async replace(parts: Parts): Promise<void> {
    try {
      for await (const part of parts) await this.append(part);
      await this.commit();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Writes the next part of a document, which `commit` puts in the place. @throws storage-full, file-unreadable */
  async append(part: string | Uint8Array): Promise<void> {
    if (!this.target) return write(this.io, part);
    const { handle } = this.#beside ?? (await this.#writing(() => this.#open()));
    await this.#writing(() => appendWhole(handle.fd, typeof part === 'string' ? Buffer.from(part) : part));
  }

  /** The document is whole: it takes the place of what was there. @throws storage-full, file-unreadable */
  async commit(): Promise<void> {
    if (!this.target) return;
    const { path, straight } = this.target;
    const { path: beside, handle } = this.#beside ?? (await this.#writing(() => this.#open()));
    if (!straight) await this.#writing(() => handle.sync());
    await this.#writing(() => handle.close());
    if (!straight) await this.#writing(() => rename(beside, path));
    this.#beside = undefined;
  }

  /** Takes away what was begun and not finished. */
  async close(): Promise<void> {
    const begun = this.#beside;
    this.#beside = undefined;
    await begun?.handle.close().catch(() => undefined);
    if (begun && !this.target?.straight) await rm(begun.path, { force: true }).catch(() => undefined);
  }

  async #open() {
    const { path, straight, mode } = this.target!;
    const at = straight ? path : join(dirname(path), `.caption-studio-${process.pid}-${made++}.part`);
    const handle = await open(at, straight ? 'w' : 'wx', mode === undefined ? 0o666 : mode & 0o777);
    return (this.#beside = { path: at, handle });
  }

  async #writing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw cannotWrite(this.name, error);
    }
  }
}
