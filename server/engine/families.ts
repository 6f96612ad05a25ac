import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../models/errors';
import type { Precision, Runtime } from '../../models/runtime/types';
import { Family, type FileSource } from '../../models/weights/family';

/** Families in a folder of the disk, opened once for each precision and shared by all comparisons. */
export class FolderFamilies {
  readonly #open = new Map<string, Promise<Family>>();

  constructor(
    private readonly folder: string,
    private readonly runtime: Runtime,
    private readonly precision: Precision,
  ) {}

  /** @throws family-unknown, weights-missing, weights-invalid */
  get(name: string, precision: Precision = this.precision): Promise<Family> {
    const key = `${name} ${precision}`;
    let family = this.#open.get(key);
    if (!family) {
      family = this.#load(name, precision);
      this.#open.set(key, family);
      family.catch(() => this.#open.delete(key));
    }
    return family;
  }

  async #load(name: string, precision: Precision): Promise<Family> {
    const known = await familyNames(this.folder);
    if (!known.includes(name)) throw new StudioError('family-unknown', `There is no family "${name}" in ${this.folder}. Known are ${known.join(', ') || 'none'}.`);
    return Family.open({ files: folderSource(join(this.folder, name), name), runtime: this.runtime, precision });
  }
}

/** Folders that hold a manifest. */
async function familyNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new StudioError('weights-missing', `The folder of families ${folder} cannot be read. Start in the repository, or name it with STUDIO_FAMILIES_DIR.`, { cause });
  });
  const names = await Promise.all(entries.filter((entry) => entry.isDirectory()).map(async ({ name }) => ((await readFile(join(folder, name, 'manifest.json')).catch(() => undefined)) ? name : '')));
  return names.filter(Boolean);
}

function folderSource(folder: string, family: string): FileSource {
  return {
    async read(path) {
      try {
        return new Uint8Array(await readFile(join(folder, path)));
      } catch (cause) {
        throw new StudioError('weights-missing', `Weight file ${family}/${path} is missing. Restore it with \`git checkout -- models/${family}/${path}\`, or fetch the family again.`, { cause, details: { file: path } });
      }
    },
  };
}
