import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError, throwIfAborted } from '../../models/errors';
import { told } from '../errors/told';
import { type Manifest, parseManifest } from '../../models/manifest';
import { folderBytes, syncFolder } from './disk';
import { type FamilyDirs, type FamilyFolder, familyFolder, familyFolders } from '../weights/folders';
import { lockFamily } from '../weights/lock';
import { unfinished } from './staging';
import type { FileCheck, Unfinished, Verification } from './types';

export type InstalledFamily = {
  name: string;
  embedded: boolean;
  /** Bytes on the disk. */ bytes: number;
  manifest?: Manifest;
  /** Why it cannot be used, in words. */ problem?: string;
};
export type CheckProgress = { file: string; done: number; total: number };

/** The families of a studio's data folder, beside those that ship with it. Several processes may share the folder. */
export class FamilyStore {
  constructor(readonly dirs: FamilyDirs) {}

  /** All families, the embedded one first; a broken one is listed with what is wrong. @throws weights-missing */
  async list(): Promise<InstalledFamily[]> {
    return Promise.all(
      (await familyFolders(this.dirs)).map(async (family) => ({
        name: family.name,
        embedded: family.embedded,
        bytes: await folderBytes(family.folder),
        ...tryManifest(family),
      })),
    );
  }

  /** Pulls that were begun and not finished, by name. */
  unfinished(): Promise<Unfinished[]> {
    return unfinished(this.dirs.installed);
  }

  /** Bytes of all that was installed and of what is half downloaded; a file that families share counts once. */
  bytesUsed(): Promise<number> {
    return folderBytes(this.dirs.installed, new Set());
  }

  /** @throws family-unknown */
  open(name: string): Promise<FamilyFolder> {
    return familyFolder(name, this.dirs);
  }

  /**
   * Reads every file of a family and compares size and SHA-256 with its manifest. Files that are damaged are named, not
   * thrown.
   * @throws family-unknown, weights-invalid (the manifest itself), busy, cancelled
   */
  async verify(
    name: string,
    { onProgress, signal }: { onProgress?: (progress: CheckProgress) => void; signal?: AbortSignal } = {},
  ): Promise<Verification> {
    const family = await this.open(name);
    const release = family.embedded ? () => undefined : this.#lock(name, 'shared');
    try {
      const entries = Object.values(parseManifest(family.manifest, family.folder).files);
      const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
      let done = 0;
      const files: FileCheck[] = [];
      for (const { path, bytes, sha256 } of entries) {
        const problem = await checkFile(
          join(family.folder, path),
          bytes,
          sha256,
          (read) => onProgress?.({ file: path, done: done + read, total }),
          signal,
        );
        done += bytes;
        files.push({ path, bytes, ...(problem ? { problem } : {}) });
      }
      return { name, ok: files.every((file) => !file.problem), files };
    } finally {
      release();
    }
  }

  /**
   * Removes an installed family: first out of sight at once, then from the disk.
   * @throws family-unknown, family-needed (embedded, or in use), busy
   */
  async remove(name: string): Promise<{ bytes: number }> {
    const { embedded, folder } = await this.open(name);
    if (embedded) throw new StudioError('family-needed', `${name} ships with the studio and cannot be removed.`);
    const release = lockFamily(this.dirs.installed, name, 'exclusive');
    if (!release)
      throw new StudioError(
        'family-needed',
        `The family ${name} is in use: a comparison runs with it, or it is being checked, here or in another process. Wait until that has ended or stop it, then remove it.`,
      );
    try {
      const before = await this.bytesUsed();
      const away = join(this.dirs.installed, '.staging', `.removed-${randomUUID()}`);
      await mkdir(join(this.dirs.installed, '.staging'), { recursive: true });
      await rename(folder, away);
      await rm(away, { recursive: true, force: true });
      return { bytes: before - (await this.bytesUsed()) };
    } finally {
      release();
    }
  }

  /** Throws a half downloaded family away. @throws family-unknown, busy */
  async discard(name: string): Promise<{ bytes: number }> {
    if (!(await this.unfinished()).some((pull) => pull.name === name))
      throw new StudioError('family-unknown', `Nothing of a family "${name}" is half installed.`);
    const release = this.#lock(name, 'exclusive');
    try {
      const folder = join(this.dirs.installed, '.staging', name);
      const bytes = await folderBytes(folder);
      await rm(folder, { recursive: true, force: true });
      return { bytes };
    } finally {
      release();
    }
  }

  /**
   * Puts a finished family in its place, all at once: its files are on the disk for good before its name appears.
   * `from` lies in the staging folder, so on the same disk. @throws weights-invalid, family-exists
   */
  async settle(name: string, from: string): Promise<void> {
    const manifest = parseManifest(await readFile(join(from, 'manifest.json')), name);
    if (manifest.family !== name)
      throw new StudioError('internal', `The import wrote a family called ${manifest.family} instead of ${name}.`);
    for (const { path, bytes } of Object.values(manifest.files)) {
      const size = await stat(join(from, path)).then(
        (info) => info.size,
        () => undefined,
      );
      if (size !== bytes)
        throw new StudioError('internal', `The import wrote ${size ?? 'no'} bytes of ${path} instead of ${bytes}.`);
    }
    await syncFolder(from);
    try {
      await rename(from, join(this.dirs.installed, name));
    } catch (cause) {
      if (['ENOTEMPTY', 'EEXIST'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw exists(name);
      throw cause;
    }
    await syncFolderEntry(this.dirs.installed);
  }

  /** @throws option-invalid, family-exists */
  async checkFree(name: string): Promise<void> {
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name))
      throw new StudioError(
        'option-invalid',
        `"${name}" cannot be a family's name: expected small letters, digits, dots, dashes and underscores, beginning with a letter or digit, at most 64.`,
      );
    if ((await familyFolders(this.dirs)).some((family) => family.name === name)) throw exists(name);
  }

  /** @throws busy */
  #lock(name: string, mode: 'shared' | 'exclusive'): () => void {
    const release = lockFamily(this.dirs.installed, name, mode);
    if (!release)
      throw new StudioError(
        'busy',
        `The family ${name} is being installed, checked or removed by another job or process. Wait until that has ended, then try again.`,
      );
    return release;
  }

  /** Keeps everybody else from installing under this name. @throws busy */
  reserve(name: string): () => void {
    return this.#lock(name, 'exclusive');
  }
}

const exists = (name: string) =>
  new StudioError(
    'family-exists',
    `There is a family ${name} already. Remove it first (npm run -s studio -- models remove ${name}), or choose another name.`,
  );

function tryManifest({ manifest, folder }: FamilyFolder): { manifest?: Manifest; problem?: string } {
  try {
    return { manifest: parseManifest(manifest, folder) };
  } catch (error) {
    return { problem: told(error).message };
  }
}

/** @returns what is wrong with a file, in words, or undefined */
async function checkFile(
  path: string,
  bytes: number,
  sha256: string,
  onRead: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (!info) return 'is missing';
  if (info.size !== bytes) return `has ${info.size} bytes, expected ${bytes}`;
  const hash = createHash('sha256');
  let read = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    throwIfAborted(signal);
    hash.update(chunk);
    onRead((read += chunk.byteLength));
  }
  const found = hash.digest('hex');
  return found === sha256
    ? undefined
    : `has SHA-256 ${found.slice(0, 12)}…, expected ${sha256.slice(0, 12)}…: it is damaged`;
}

/** The folder's own list of names, on the disk for good. */
async function syncFolderEntry(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Removes what dead processes left: half-made families and folders on their way out. Downloads stay, to be resumed. */
export async function tidy(installed: string): Promise<void> {
  const staging = join(installed, '.staging');
  for (const name of await readdir(staging).catch(() => [])) {
    if (name.startsWith('.removed-')) {
      await rm(join(staging, name), { recursive: true, force: true });
      continue;
    }
    const release = lockFamily(installed, name, 'exclusive');
    // Somebody works on it.
    if (!release) continue;
    try {
      await rm(join(staging, name, 'family'), { recursive: true, force: true });
      const rest = await readdir(join(staging, name, 'download')).catch(() => []);
      if (!rest.length) await rm(join(staging, name), { recursive: true, force: true });
    } finally {
      release();
    }
  }
}
