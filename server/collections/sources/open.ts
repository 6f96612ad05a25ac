import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { examples } from '../../../kept/captions/examples';
import { StudioError } from '../../../models/errors';
import { readBytes } from '../../files/read-bytes';
import { nameOf, pathOf, type Streams } from '../../files/streams';
import { openArchive } from './archive';
import { readCoco } from './coco';
import { type Entry, resolveEntries } from './entries';
import { closedFolders, filesIn } from './folder';
import { readParquet } from './parquet';
import { expandInput } from './patterns';
import { filePictures, isAddress, isPictureName, LostPicture, oneLine, Photo } from './pictures';
import { readJsonLines, readList, readTable } from './table';
import type { Sources, SourceWishes } from './types';
import { photosOf } from './webdataset';

/** What a file holds, by the ending of its name; any other is a photo. */
const kinds: [RegExp, 'archive' | 'lines' | 'table' | 'parquet' | 'json'][] = [
  [/\.(tar|tgz|txz|tbz2?|zip|tar\.\w{2,4})$/i, 'archive'],
  [/\.(jsonl|ndjson)$/i, 'lines'],
  [/\.(csv|tsv)$/i, 'table'],
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.json$/i, 'json'],
];
const kindOf = (path: string) => kinds.find(([ending]) => ending.test(path))?.[1];

/** Whether an input is one photo by its name: no folder, archive, table, pattern or address. */
export async function namesOnePhoto(io: Pick<Streams, 'cwd'>, input: string): Promise<boolean> {
  if (input === '-') return true;
  if (isAddress(input) || kindOf(input)) return false;
  const found = await stat(pathOf(io, input)).catch(() => undefined);
  return found ? !found.isDirectory() : !/[*?[{]/.test(input);
}

/**
 * Lists the photos of all that is asked for, in a fixed order, without reading one. What a list names and is not there
 * is a photo whose `read` throws; folders that cannot be looked into, and files that are no pictures, are told.
 * @throws option-invalid (nothing is there, two photos have one name), file-unreadable, references-invalid, forbidden
 */
export async function openSources(io: Pick<Streams, 'cwd' | 'stdin'>, wishes: SourceWishes): Promise<Sources> {
  const all = new Collection(io, wishes);
  try {
    for (const input of wishes.inputs) await all.add(input);
    if (wishes.list !== undefined) {
      const name = nameOf(wishes.list);
      await all.addEntries(wishes.list, readList(name, await readBytes(io, wishes.list)));
    }
    return all.end();
  } catch (error) {
    await all.close();
    throw error;
  }
}

class Collection {
  readonly #photos: Photo[] = [];
  readonly #tell: string[] = [];
  readonly #closing: (() => Promise<void> | void)[] = [];
  /** What was looked at, and what was found there. */
  readonly #looked: string[] = [];

  constructor(
    private readonly io: Pick<Streams, 'cwd' | 'stdin'>,
    private readonly wishes: SourceWishes,
  ) {}

  /** One input as the person gave it. */
  async add(input: string): Promise<void> {
    if (input === '-') return this.#stdin();
    if (isAddress(input)) return this.addEntries('-', { entries: [{ value: input, where: input }], tell: [] });
    const named = await expandInput(this.io, input);
    const own = named.filter(({ pattern }) => !pattern).map(({ path }) => path);
    // Beside photos a pattern finds what is said of them: the photos are meant.
    let byPattern = named.filter(({ pattern }) => pattern).map(({ path }) => path);
    const pictures = byPattern.filter(isPictureName);
    const left = byPattern.filter((path) => (pictures.length ? !isPictureName(path) : !kindOf(path)));
    byPattern = byPattern.filter((path) => !left.includes(path));
    if (left.length) this.#tell.push(leftOut(input, left));
    if (!own.length && !byPattern.length) this.#looked.push(`${input} (${left.length ? 'no photo' : 'nothing'} fits)`);
    let files: string[] = [];
    const flush = async () => {
      await this.#files(files);
      files = [];
    };
    for (const path of [...own, ...byPattern]) {
      const folder = (await stat(pathOf(this.io, path)).catch(() => undefined))?.isDirectory();
      if (!folder && !kindOf(path)) files.push(path);
      else {
        await flush();
        await (folder ? this.#folder(path) : this.#container(path, kindOf(path)!));
      }
    }
    await flush();
  }

  /** What a list or table names. */
  async addEntries(file: string, { entries, tell }: { entries: readonly Entry[]; tell: readonly string[] }) {
    this.#tell.push(...tell);
    if (!entries.length) this.#looked.push(`${nameOf(file)} (empty)`);
    const resolved = await resolveEntries(this.io, file, entries, this.wishes);
    this.#closing.push(resolved.close);
    this.#tell.push(...resolved.tell);
    this.#take(resolved.photos, file);
  }

  end(): Sources {
    if (!this.#photos.length)
      throw new StudioError(
        'option-invalid',
        `There is no photo to work on: ${this.#looked.length ? `${examples(this.#looked, 'places', 5)}. ` : ''}${this.#tell.length ? `${this.#tell.join(' ')} ` : ''}Name photos, folders, archives, tables or lists of them.`,
      );
    this.#tellApart();
    refuseTwice(this.#photos);
    return { sources: this.#photos, tell: this.#tell, close: () => this.close() };
  }

  /** Tables that hold pictures may give theirs names that are elsewhere too: those are called by table and row. */
  #tellApart(): void {
    const places = new Map<string, Set<string | undefined>>();
    for (const { key, from } of this.#photos) places.set(key, (places.get(key) ?? new Set()).add(from));
    const shared = this.#photos.filter(({ key, otherKey }) => otherKey !== undefined && places.get(key)!.size > 1);
    const tables = new Set(shared.map(({ from }) => from));
    const names = new Set<string>();
    for (const photo of this.#photos)
      if (photo.otherKey !== undefined && tables.has(photo.from)) {
        photo.key = photo.otherKey;
        names.add(photo.otherKey.replace(/:\d+$/, ''));
      }
    if (names.size)
      this.#tell.push(
        `${oneLine(examples([...names], 'tables', 3))}: names of pictures in ${names.size === 1 ? 'it are' : 'them are'} elsewhere too; they are called by their rows.`,
      );
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close();
  }

  /** @param from the list, table or archive that they are of, as the person gave it */
  #take(photos: readonly Photo[], from?: string): void {
    const full = from === undefined || from === '-' ? undefined : pathOf(this.io, from);
    for (const photo of photos) {
      photo.from = full;
      this.#photos.push(photo);
    }
  }

  async #stdin(): Promise<void> {
    const bytes = await readBytes(this.io, '-');
    const stamp = createHash('sha256').update(bytes).digest('hex');
    this.#take([new Photo('-', { path: 'standard input', stamp, read: () => Promise.resolve(bytes.slice()) })]);
  }

  async #files(paths: readonly string[]): Promise<void> {
    const pictures = await filePictures(paths.map((path) => ({ file: pathOf(this.io, path), path })));
    this.#take(
      pictures.map(
        (picture, i) =>
          new Photo(paths[i]!, picture instanceof StudioError ? new LostPicture(paths[i]!, picture) : picture),
      ),
    );
  }

  async #folder(shown: string): Promise<void> {
    const folder = pathOf(this.io, shown);
    const list = await filesIn(folder);
    const paths = list.paths.filter(isPictureName);
    const others = list.paths.filter((path) => !isPictureName(path));
    this.#tell.push(...closedFolders(shown, list));
    if (others.length) this.#tell.push(leftOut(shown, others));
    if (!paths.length) this.#looked.push(`${shown} (${list.paths.length ? 'no picture' : 'no file'} in it)`);
    const pictures = await filePictures(paths.map((path) => ({ file: join(folder, path), path: join(shown, path) })));
    this.#take(
      pictures.map(
        (picture, i) =>
          new Photo(
            paths[i]!,
            picture instanceof StudioError ? new LostPicture(join(shown, paths[i]!), picture) : picture,
          ),
      ),
    );
  }

  async #container(path: string, kind: (typeof kinds)[number][1]): Promise<void> {
    const { column } = this.wishes;
    if (kind === 'archive') {
      const archive = await openArchive(this.io, path);
      this.#closing.push(archive.close);
      const { photos, others, tell } = await photosOf(archive);
      this.#tell.push(...tell);
      if (others.length) this.#tell.push(leftOut(path, others));
      if (!photos.length) this.#looked.push(`${path} (no picture in it)`);
      this.#take(photos, path);
    } else if (kind === 'parquet') {
      const read = await readParquet(this.io, path, column);
      this.#closing.push(read.close);
      await this.addEntries(path, read);
    } else {
      const read = { lines: readJsonLines, table: readTable, json: readCoco }[kind];
      await this.addEntries(path, read(path, await readBytes(this.io, path), column));
    }
  }
}

/** What is told of files that are no pictures by their names. */
function leftOut(where: string, others: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const path of others) {
    const ending = extname(path).toLowerCase() || 'no ending';
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  const by = [...counts].sort((a, b) => b[1] - a[1]).map(([ending, n]) => `${n} ${ending}`);
  return `${where}: ${others.length} ${others.length === 1 ? 'file is no picture by its name and is' : 'files are no pictures by their names and are'} left out (${oneLine(examples(by, 'kinds', 4))}).`;
}

/** @throws option-invalid that names both places */
function refuseTwice(photos: readonly Photo[]): void {
  const seen = new Map<string, Photo>();
  for (const photo of photos) {
    const before = seen.get(photo.key);
    if (before)
      throw new StudioError(
        'option-invalid',
        `Two photos are called ${oneLine(photo.key)}: ${placeOf(before)} and ${placeOf(photo)}. Leave one out${before.from || photo.from ? '' : ', or name the folder above both, so that their folders tell them apart'}.`,
      );
    seen.set(photo.key, photo);
  }
}
const placeOf = ({ where, path }: Photo) => oneLine(where ?? path);
