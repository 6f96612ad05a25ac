import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../files/write-whole';
import type { RunInput } from './types';

/** Where the photos of runs lie that are files of their own, so that the page can show them: a file a run. */
export class Places {
  readonly #known = new Map<string, { stamp: number; places: ReadonlyMap<string, string> }>();

  constructor(private readonly folder: string) {}

  #file = (run: string): string => join(this.folder, 'places', `${run}.json`);

  /** @throws storage-full, file-unreadable */
  async keep(run: string, inputs: readonly RunInput[]): Promise<void> {
    const files = inputs.flatMap(({ key, file }) => (file === undefined ? [] : [[key, file] as const]));
    if (!files.length) return;
    await mkdir(join(this.folder, 'places'), { recursive: true });
    await writeWhole(this.#file(run), JSON.stringify(files), this.#file(run));
  }

  /** The absolute path of a photo of a run; undefined where that is not known, or it is no file of its own. */
  async of(run: string, key: string): Promise<string | undefined> {
    // Another process may write it, later too.
    const stamp = (await stat(this.#file(run)).catch(() => undefined))?.mtimeMs;
    if (stamp === undefined) return undefined;
    let known = this.#known.get(run);
    if (known?.stamp !== stamp) {
      known = { stamp, places: new Map(JSON.parse(await readFile(this.#file(run), 'utf8')) as [string, string][]) };
      this.#known.set(run, known);
    }
    return known.places.get(key);
  }

  async forget(run: string): Promise<void> {
    this.#known.delete(run);
    await rm(this.#file(run), { force: true });
  }
}
