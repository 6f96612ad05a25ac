import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchRow } from '../../../models/collections/types';
import type { ErrorData } from '../../../models/errors';
import { appendWhole } from '../../files/append-whole';
import { cannotWrite } from '../../files/faults';

/** A photo as a shard's file has it, in a line. The same inputs and settings give the same lines. */
export type PhotoRow = {
  key: string;
  /** One a lane, in the lanes' order. */
  rows: BatchRow[];
  /** float32 values in base64. */
  embedding?: string;
  /** The photo itself could not be read; then there are no rows. */
  error?: Pick<ErrorData, 'code' | 'message'>;
};

/** Where shards lie: whole ones by their name, and what a worker has of one so far. */
export class ShardFiles {
  constructor(private readonly folder: string) {}

  whole = (name: string): string => join(this.folder, `${name}.jsonl`);
  isWhole = (name: string): boolean => existsSync(this.whole(name));

  /** Photos of a shard in its order, also of one that is being written: of the file that has most of it. */
  async *photos(name: string, skip = 0): AsyncGenerator<PhotoRow, void, void> {
    if (this.isWhole(name)) return yield* readPhotos(this.whole(name), skip);
    let [fullest, most] = [undefined as string | undefined, -1];
    for (const file of await this.#parts(name)) {
      const size = (await stat(file).catch(() => undefined))?.size ?? -1;
      if (size > most) [fullest, most] = [file, size];
    }
    // It may be whole by now.
    if (fullest !== undefined) yield* readPhotos(existsSync(fullest) ? fullest : this.whole(name), skip);
  }

  /** A shard, and all that was left of it. */
  async remove(name: string): Promise<void> {
    for (const file of [this.whole(name), ...(await this.#parts(name))]) await rm(file, { force: true });
  }

  /**
   * Goes on with a shard, in a file of this worker's own: with the most whole batches that any worker left of it.
   * @param ends how many photos there are at the end of each batch
   */
  async begin(name: string, owner: string, ends: readonly number[]): Promise<ShardPart> {
    await mkdir(join(this.folder, 'parts'), { recursive: true });
    const path = this.#part(name, owner);
    let best = { photos: 0, bytes: 0, file: '' };
    for (const file of await this.#parts(name)) {
      const found = await wholeBatches(file, ends);
      if (found.photos > best.photos) best = { ...found, file };
    }
    // A copy: whoever began it may live and write on.
    if (best.photos && best.file !== path) await copyFile(best.file, path);
    const handle = await open(path, 'a').catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
    await handle.truncate(best.bytes);
    return new ShardPart(path, handle, best.photos);
  }

  /** What this worker has is the shard, unless another was first. All that was left of it goes. */
  async commit(name: string, part: ShardPart): Promise<void> {
    await part.close({ sync: true });
    await link(part.path, this.whole(name)).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST' || this.isWhole(name)) return;
      // Not every disk has links.
      await rename(part.path, this.whole(name)).catch((cause: unknown) => {
        throw cannotWrite(this.whole(name), cause);
      });
    });
    for (const file of await this.#parts(name)) await rm(file, { force: true });
  }

  #part = (name: string, owner: string) => join(this.folder, 'parts', `${name}.${owner}.jsonl`);
  async #parts(name: string): Promise<string[]> {
    const all = await readdir(join(this.folder, 'parts')).catch(() => []);
    return all.filter((file) => file.startsWith(`${name}.`)).map((file) => join(this.folder, 'parts', file));
  }
}

/** What a worker has of a shard: whole batches of lines, appended as they come. */
export class ShardPart {
  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** How many photos it holds. */
    public photos: number,
  ) {}

  /** A batch, whole or not at all. @throws storage-full, file-unreadable */
  async append(photos: readonly PhotoRow[]): Promise<void> {
    const bytes = Buffer.from(photos.map((photo) => `${JSON.stringify(photo)}\n`).join(''));
    try {
      await appendWhole(this.handle.fd, bytes);
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
    this.photos += photos.length;
  }

  async close({ sync = false } = {}): Promise<void> {
    try {
      if (sync) await this.handle.sync();
    } catch (error) {
      throw cannotWrite(this.path, error);
    } finally {
      await this.handle.close();
    }
  }
}

/** Photos of a file of rows, in order. @param skip how many of the first are left out */
export async function* readPhotos(path: string, skip = 0): AsyncGenerator<PhotoRow, void, void> {
  const file = await open(path);
  try {
    let n = 0;
    for await (const line of lines(file.createReadStream({ autoClose: false })))
      if (n++ >= skip) yield JSON.parse(line) as PhotoRow;
  } finally {
    await file.close();
  }
}

/** Lines end with a newline alone: `readline` also splits at U+2028, which a key may hold. */
async function* lines(stream: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
      yield bytes.toString('utf8', at, end);
      at = end + 1;
    }
    rest = bytes.subarray(at);
  }
}

/** How many photos, and bytes, of a file are whole batches. What follows was cut by a kill or a failing disk. */
async function wholeBatches(path: string, ends: readonly number[]): Promise<{ photos: number; bytes: number }> {
  const file = await open(path).catch(() => undefined);
  if (!file) return { photos: 0, bytes: 0 };
  try {
    const bytes = await file.readFile();
    let [photos, at, whole] = [0, 0, { photos: 0, bytes: 0 }];
    const batches = new Set(ends);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
      if (!isPhoto(bytes.toString('utf8', at, end))) break;
      at = end + 1;
      if (batches.has(++photos)) whole = { photos, bytes: at };
    }
    return whole;
  } finally {
    await file.close();
  }
}

function isPhoto(line: string): boolean {
  try {
    return typeof (JSON.parse(line) as PhotoRow).key === 'string';
  } catch {
    return false;
  }
}
