import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../models/errors';
import type { Precision, Runtime } from '../../models/runtime/types';
import { Family, type FileSource } from '../../models/weights/family';
import { type FamilyDirs, familyFolder, familyFolders } from './folders';
import { openWeightFile } from './file-source';

/**
 * Families on the disk, opened once for each precision and shared by all comparisons, and anew when theirs was
 * replaced.
 */
export class FolderFamilies {
  readonly #open = new Map<string, { name: string; manifest: Buffer; family: Promise<Family> }>();

  constructor(
    private readonly dirs: FamilyDirs,
    private readonly runtime: Runtime,
    private readonly precision: Precision,
  ) {}

  /** @throws family-unknown, weights-missing, weights-invalid */
  async get(name: string, precision: Precision = this.precision): Promise<Family> {
    const here = await familyFolder(name, this.dirs).finally(() => this.#forgetRemoved());
    const key = `${name} ${precision}`;
    let opened = this.#open.get(key);
    if (!opened?.manifest.equals(here.manifest)) {
      if (opened) this.#forget(key);
      const family = Family.open({ files: folderSource(here.folder, name), runtime: this.runtime, precision });
      opened = { name, manifest: here.manifest, family };
      this.#open.set(key, opened);
      family.catch(() => this.#open.delete(key));
    }
    return opened.family;
  }

  /** Gives back the memory of families that were removed from the disk; nobody works with them (lock.ts). */
  async #forgetRemoved(): Promise<void> {
    const names = new Set((await familyFolders(this.dirs)).map(({ name }) => name));
    for (const [key, { name }] of this.#open) if (!names.has(name)) this.#forget(key);
  }

  #forget(key: string): void {
    const opened = this.#open.get(key);
    this.#open.delete(key);
    void opened?.family.then((family) => family.close()).catch(() => undefined);
  }
}

/** A family's folder as the engine reads it: large files by their handle. */
export function folderSource(folder: string, family: string): FileSource {
  const missing = (path: string, cause: unknown) => {
    const mend =
      family === 'pocket'
        ? `Restore it with \`git checkout -- models/${family}/${path}\`, or fetch the family again.`
        : `Remove the family ${family} and pull or import it again.`;
    return new StudioError('weights-missing', `Weight file ${family}/${path} is missing. ${mend}`, {
      cause,
      details: { file: path },
    });
  };
  return {
    read: async (path) => {
      try {
        return new Uint8Array(await readFile(join(folder, path)));
      } catch (cause) {
        throw missing(path, cause);
      }
    },
    open: async (path) => {
      try {
        return await openWeightFile(join(folder, path));
      } catch (cause) {
        throw missing(path, cause);
      }
    },
  };
}
