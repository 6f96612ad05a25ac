import { StudioError } from '@/models/errors';
import { sha256 } from '@/models/weights/verify';
import type { DownloadProgress, StoredFile } from './messages';
import type { WeightEntry as Entry } from './weight-messages';

const folder = 'weights';
const attempts = 5;
/** How much is downloaded between two writes; what is written survives a closed page. */
const chunkBytes = 512 * 1024;
/** Downloads at once. The others wait in the order in which they were asked for: the first lane's files come first. */
const sideBySide = 2;

/**
 * Weight files in the browser's private file system (OPFS), named by their SHA-256: downloaded once, resumed after a
 * cut connection or
 * a closed page, and checked before each use. Runs in a worker.
 */
export class WeightStore {
  readonly #wanted = new Map<string, { received: number; bytes: number }>();
  readonly #downloads = new Places(sideBySide);

  constructor(private readonly onProgress: (progress: DownloadProgress) => void = () => undefined) {}

  /**
   * The bytes of a file, from storage or the studio's server; the caller's own.
   * @throws weights-missing (the download broke off for good), weights-corrupt (the server's copy is damaged),
   *   storage-full
   */
  async get(entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
    // It counts in the sums of the progress before its turn comes.
    if (!this.#wanted.has(entry.sha256)) this.#wanted.set(entry.sha256, { received: 0, bytes: entry.bytes });
    return new Promise((resolve, reject) => {
      // Two tabs that want the same file take turns; the second finds it whole.
      const turn = navigator.locks.request(`weights ${entry.sha256}`, async () => {
        const stored = await this.#stored(entry);
        if (stored) this.#wanted.set(entry.sha256, { received: entry.bytes, bytes: entry.bytes });
        if (stored) resolve(stored);
        else await this.#downloads.take(() => this.#download(entry, resolve));
      });
      turn.catch(reject);
    });
  }

  /** The whole, right file; a damaged one is thrown away, so that it is downloaded anew. */
  async #stored({ sha256: hash, bytes }: Entry): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const directory = await open();
    const handle = await directory.getFileHandle(hash).catch(() => undefined);
    if (!handle) return undefined;
    const data = new Uint8Array(await (await handle.getFile()).arrayBuffer());
    if (data.byteLength === bytes && (await sha256(data)) === hash) return data;
    await directory.removeEntry(hash);
    return undefined;
  }

  /**
   * Downloads a file and hands its bytes out as soon as they are right; that they are stored under their name comes
   * after.
   */
  async #download(entry: Entry, arrived: (bytes: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    const directory = await open();
    const handle = await directory.getFileHandle(`${entry.sha256}.part`, { create: true });
    const access = await handle.createSyncAccessHandle();
    const bytes = new Uint8Array(entry.bytes);
    let right = false;
    try {
      if (access.getSize() > entry.bytes) access.truncate(0);
      access.read(bytes, { at: 0 });
      for (let attempt = 1; ; attempt++) {
        try {
          await this.#fetchRest(entry, access, bytes);
          break;
        } catch (error) {
          if (error instanceof StudioError) throw error;
          if (attempt === attempts) throw this.#brokeOff(entry, access.getSize(), error);
          await new Promise((done) => setTimeout(done, 250 * 2 ** attempt));
        }
      }
      right = (await sha256(bytes)) === entry.sha256;
      if (right) arrived(bytes);
      access.flush();
    } finally {
      access.close();
    }
    if (right) return handle.move(entry.sha256);
    await directory.removeEntry(handle.name);
    throw new StudioError(
      'weights-corrupt',
      `${entry.path} does not have the SHA-256 that its manifest gives, also after a new download: the studio's own copy is damaged. On its machine run \`git checkout -- models\`.`,
      { details: { file: entry.path } },
    );
  }

  /** Asks for the bytes that are missing and appends them, in memory and on the disk. */
  async #fetchRest(entry: Entry, access: FileSystemSyncAccessHandle, bytes: Uint8Array): Promise<void> {
    let at = access.getSize();
    const resumed = at > 0;
    if (at === entry.bytes) return;
    const squeezed = !resumed && /\.(json|txt)$/.test(entry.path);
    const response = await fetch(
      `/api/weights/${entry.sha256}${squeezed ? '?gzip' : ''}`,
      resumed ? { headers: { range: `bytes=${at}-` } } : {},
    );
    if (!response.ok) {
      if (response.status === 404)
        throw new StudioError(
          'weights-missing',
          `The studio's server has no file ${entry.path} of this version. Reload the page.`,
          { details: { file: entry.path } },
        );
      throw new BrokenOff(`the server answered with status ${response.status}`);
    }
    // A server that ignores the range sends everything again.
    if (response.status !== 206) {
      at = 0;
      access.truncate(0);
    }
    const reader = (
      squeezed ? response.body!.pipeThrough(new DecompressionStream('gzip')) : response.body!
    ).getReader();
    let written = at;
    const store = () => {
      write(access, bytes.subarray(written, at), written, entry);
      written = at;
      this.#tell(entry, at, resumed);
    };
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const wanted = value.subarray(0, entry.bytes - at);
        bytes.set(wanted, at);
        at += wanted.byteLength;
        if (at - written >= chunkBytes) store();
      }
    } finally {
      store();
    }
    if (at < entry.bytes) throw new BrokenOff(`the connection ended at ${at} of ${entry.bytes} bytes`);
  }

  #tell({ sha256: hash, path, bytes }: Entry, received: number, resumed: boolean): void {
    this.#wanted.set(hash, { received, bytes });
    const all = [...this.#wanted.values()];
    this.onProgress({
      file: path,
      received,
      bytes,
      resumed,
      allReceived: sum(all.map((file) => file.received)),
      allBytes: sum(all.map((file) => file.bytes)),
    });
  }

  #brokeOff({ path, bytes }: Entry, received: number, cause: unknown): StudioError {
    const share = Math.round((100 * received) / bytes);
    // What a browser says of its network differs from one to the next, and is in its console.
    const why = cause instanceof BrokenOff ? cause.message : 'no connection';
    return new StudioError(
      'weights-missing',
      `The download of ${path} broke off at ${share} % (${why}). What arrived is kept: run again when the studio answers, and it goes on from there.`,
      { cause, details: { file: path } },
    );
  }
}

/** Why a download ended early; another attempt may go on from there. */
class BrokenOff extends Error {}

/** So many at once; whoever finds no place waits for the next that is given back, first come first served. */
class Places {
  readonly #waiting: (() => void)[] = [];
  constructor(private free: number) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free) this.free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}

/** All that is stored, for the storage view. */
export async function storedFiles(): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const [name, handle] of (await open()).entries()) {
    if (handle.kind !== 'file') continue;
    const { size } = await (handle as FileSystemFileHandle).getFile();
    if (/^[0-9a-f]{64}(\.part)?$/.test(name))
      files.push({ hash: name.slice(0, 64), bytes: size, partial: name.endsWith('.part') });
  }
  return files;
}

/** Deletes stored weights: all, or those of the hashes. */
export async function deleteStored(hashes?: readonly string[]): Promise<void> {
  const directory = await open();
  for (const { hash, partial } of await storedFiles())
    if (!hashes || hashes.includes(hash))
      await directory.removeEntry(partial ? `${hash}.part` : hash).catch(() => undefined);
}

async function open(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
}

function write(access: FileSystemSyncAccessHandle, data: Uint8Array, at: number, { path, bytes }: Entry): void {
  let written = 0;
  try {
    written = access.write(data as Uint8Array<ArrayBuffer>, { at });
  } catch (cause) {
    if (!(cause instanceof DOMException) || cause.name !== 'QuotaExceededError') throw cause;
  }
  if (written === data.byteLength) return;
  throw new StudioError(
    'storage-full',
    `The browser has no room for ${path} (${(bytes / 1e6).toFixed(1)} MB). Delete stored weights under Storage, or free disk space, then run again; lanes on the server go on meanwhile.`,
    { details: { file: path } },
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
