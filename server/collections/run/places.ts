import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../files/write-whole';
import type { RunInput } from './types';

/** Where the photos of runs lie that are files of their own, so that the page can show them: a file a run. */
export class Places {
  readonly #known = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(private readonly folder: string) {}

  #file = (run: string): string => join(this.folder, 'places', `${run}.json`);

  /** @throws storage-full, file-unreadable */
  async keep(run: string, inputs: readonly RunInput[]): Promise<void> {
    const files = inputs.flatMap(({ key, file }) => (file === undefined ? [] : [[key, file] as const]));
    if (!files.length) return;
    await mkdir(join(this.folder, 'places'), { recursive: true });
    await writeWhole(this.#file(run), JSON.stringify(files), this.#file(run));
    this.#known.delete(run);
  }

  /** The absolute path of a photo of a run; undefined where that is not known, or it is no file of its own. */
  async of(run: string, key: string): Promise<string | undefined> {
    let known = this.#known.get(run);
    if (!known) {
      known = readFile(this.#file(run), 'utf8').then(
        (text) => new Map(JSON.parse(text) as [string, string][]),
        () => new Map<string, string>(),
      );
      this.#known.set(run, known);
    }
    return (await known).get(key);
  }

  async forget(run: string): Promise<void> {
    this.#known.delete(run);
    await rm(this.#file(run), { force: true });
  }
}
