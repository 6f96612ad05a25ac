import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaptionedImage } from '../../../kept/captions/types';
import { writeWhole } from '../../files/write-whole';

/** Reference captions as a file had them: of whatever images it names. */
export type References = { file: string; images: readonly CaptionedImage[]; notes: readonly string[] };
/** `stamp`: another number where they are others. */
export type KeptReferences = References & { stamp: number };

/** The references that a person gave for runs: a file a run, beside the shards. */
export class RunReferences {
  readonly #known = new Map<string, KeptReferences>();

  constructor(private readonly folder: string) {}

  #file = (run: string): string => join(this.folder, 'references', `${run}.json`);

  /** @throws storage-full, file-unreadable */
  async keep(run: string, references: References): Promise<void> {
    await mkdir(join(this.folder, 'references'), { recursive: true });
    await writeWhole(this.#file(run), JSON.stringify(references), references.file);
  }

  async of(run: string): Promise<KeptReferences | undefined> {
    const stamp = (await stat(this.#file(run)).catch(() => undefined))?.mtimeMs;
    if (stamp === undefined) return undefined;
    let known = this.#known.get(run);
    if (known?.stamp !== stamp) {
      known = { ...(JSON.parse(await readFile(this.#file(run), 'utf8')) as References), stamp };
      this.#known.set(run, known);
    }
    return known;
  }

  async forget(run: string): Promise<void> {
    this.#known.delete(run);
    await rm(this.#file(run), { force: true });
  }
}
