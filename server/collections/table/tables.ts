import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { CollectionCard } from '../../../kept/answers';
import { examples } from '../../../kept/captions/examples';
import { readCaptions, referencesIn } from '../../../kept/captions/read';
import type {
  CollectionMark,
  TableMeans,
  TablePage,
  TableQuery,
  TableReferences,
} from '../../../kept/collections/table';
import { StudioError } from '../../../models/errors';
import type { Database } from '../../db/open';
import { decodeImage, imageLimits } from '../../media/decode-image';
import { withProfile } from '../../media/colour-profile';
import { collectionsFolder } from '../run/folder';
import { Marks } from '../run/marks';
import { Places } from '../run/places';
import { RunReferences } from '../run/references';
import { type PhotoRow, ShardFiles } from '../run/shard-files';
import { RunStore } from '../run/store';
import { type RunView, standing } from '../run/types';
import { type Beside, RunTable } from './run-table';

/** Tables that are held in memory; the one that was not looked at for longest goes first. */
const held = 4;
/** The longer side of a photo in its row, and of one that is looked at alone. */
const sides = { small: 160, large: 1600 };

/** Runs of collections as the page shows them: how they stand, their rows, their photos. It works on none. */
export class CollectionTables {
  readonly #store: RunStore;
  readonly #files: ShardFiles;
  readonly #places: Places;
  readonly #references: RunReferences;
  readonly marks: Marks;
  readonly #tables = new Map<string, RunTable>();

  /** @param pace how fast a run goes, where this process works on it */
  constructor(
    database: Database,
    private readonly pace: (id: string) => Pick<CollectionCard, 'imagesPerSecond' | 'secondsLeft'> | undefined = () =>
      undefined,
  ) {
    this.#store = new RunStore(database);
    const folder = collectionsFolder(database);
    this.#files = new ShardFiles(folder);
    this.#places = new Places(folder);
    this.#references = new RunReferences(folder);
    this.marks = new Marks(database);
  }

  /** Newest first. */
  list = async (owner: string): Promise<CollectionCard[]> =>
    (await this.#store.list(owner)).map((run) => this.#card(run));

  /** @throws not-found */
  async card(owner: string, id: string): Promise<CollectionCard> {
    await this.demand(owner, id);
    return this.#card(await this.#store.view(id));
  }

  /** @throws not-found */
  async rows(owner: string, id: string, query: TableQuery): Promise<TablePage> {
    await this.demand(owner, id);
    const page = await this.#table(id).page(await this.#store.shards(id), query, await this.#beside(id));
    const rows = page.rows.map(async (row) => {
      const shown = !row.error && (await this.#places.of(id, row.key)) !== undefined;
      return { ...row, ...(shown ? { shown } : {}) };
    });
    return { ...page, rows: await Promise.all(rows) };
  }

  /** Means of all rows that fit what is asked for. @throws not-found */
  async means(owner: string, id: string, query: TableQuery): Promise<TableMeans> {
    await this.demand(owner, id);
    return this.#table(id).means(await this.#store.shards(id), query, await this.#beside(id));
  }

  /** What the collection is scored against, if anything. @throws not-found */
  async references(owner: string, id: string): Promise<TableReferences | null> {
    await this.demand(owner, id);
    const kept = await this.#references.of(id);
    return kept ? this.#table(id).references(await this.#store.shards(id), kept) : null;
  }

  /**
   * Takes references in any layout that `score` reads; what there was before goes.
   * @throws not-found, references-invalid (it is none, or none of its images is in the collection)
   */
  async takeReferences(owner: string, id: string, file: string, bytes: Uint8Array): Promise<TableReferences> {
    await this.demand(owner, id);
    const read = readCaptions(file, bytes);
    const { images, notes } = referencesIn(file, read);
    const kept = { file, images, notes: [...read.notes, ...notes], stamp: NaN };
    const told = await this.#table(id).references(await this.#store.shards(id), kept);
    if (!told.photos)
      throw new StudioError(
        'references-invalid',
        `None of the ${images.length} images of ${file} is in this collection: ${examples(told.unknown, 'images')}. Name them as the table does, or by their ids.`,
      );
    await this.#references.keep(id, { file, images, notes: kept.notes });
    return told;
  }

  /** @throws not-found */
  async dropReferences(owner: string, id: string): Promise<void> {
    await this.demand(owner, id);
    await this.#references.forget(id);
  }

  async #beside(id: string): Promise<Beside> {
    const [references, marks] = await Promise.all([this.#references.of(id), this.marks.of(id)]);
    return { references, marks };
  }

  /**
   * Keeps what a person says of a photo: a caption of their own, or stars for a lane's caption as it is now.
   * @throws not-found (no such run, photo or caption)
   */
  async mark(owner: string, id: string, { key, lane, stars, caption }: CollectionMark): Promise<void> {
    await this.demand(owner, id);
    if (!lane) {
      const own = caption?.trim().replace(/\s+/g, ' ');
      if (own && !(await this.#table(id).row(await this.#store.shards(id), key)))
        throw new StudioError('not-found', 'There is no such photo in this collection yet.');
      return this.marks.set(id, { key, lane }, own ? { caption: own } : null);
    }
    if (!stars) return this.marks.set(id, { key, lane }, null);
    const row = await this.#table(id).row(await this.#store.shards(id), key);
    const rated = row?.cells.find((cell) => cell.lane === lane)?.caption;
    if (rated === undefined) throw new StudioError('not-found', 'There is no such caption to rate in this collection.');
    return this.marks.set(id, { key, lane }, { stars, caption: rated });
  }

  #table(id: string): RunTable {
    const table = this.#tables.get(id) ?? new RunTable((name, skip) => this.#files.photos(name, skip));
    this.#tables.delete(id);
    this.#tables.set(id, table);
    if (this.#tables.size > held) this.#tables.delete(this.#tables.keys().next().value!);
    return table;
  }

  /** What was said of every photo that is done, in the order of the run. */
  async *done(id: string): AsyncGenerator<PhotoRow, void, void> {
    for (const { name, done } of await this.#store.shards(id)) {
      let left = done;
      if (left) for await (const photo of this.#files.photos(name)) if (left-- > 0) yield photo;
    }
  }

  /**
   * A photo as a JPEG: as small as a row has it, or as somebody looks at it.
   * @throws not-found, image-unreadable, file-unreadable
   */
  async picture(owner: string, id: string, key: string, size: keyof typeof sides): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.photo(owner, id, key);
    const side = sides[size];
    const { image, profile } = await decodeImage(bytes, imageLimits, { shrinkTo: side });
    const { width, height } = image;
    const shown = sharp(image.data, { raw: { width, height, channels: 3 } })
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .jpeg(size === 'small' ? { quality: 78 } : { quality: 95, chromaSubsampling: '4:4:4' });
    return new Uint8Array(await withProfile(await shown.toBuffer(), profile));
  }

  /** The file of a photo as it lies. @throws not-found, file-unreadable */
  async photo(owner: string, id: string, key: string): Promise<Uint8Array<ArrayBuffer>> {
    await this.demand(owner, id);
    const file = await this.#places.of(id, key);
    if (file === undefined)
      throw new StudioError(
        'not-found',
        'Where this photo lies is not known; only photos that are files of their own are shown.',
      );
    try {
      return new Uint8Array(await readFile(file));
    } catch (cause) {
      throw new StudioError('not-found', 'The photo is not where it was when the collection was run.', { cause });
    }
  }

  /** @throws not-found where the run is not this owner's */
  async demand(owner: string, id: string): Promise<void> {
    if (!(await this.#store.owns(owner, id)))
      throw new StudioError('not-found', 'There is no such collection here; it may have been forgotten.');
  }

  #card(run: RunView): CollectionCard {
    const pace = this.pace(run.id);
    const { imagesPerSecond, secondsLeft } = pace ?? {};
    return {
      // Between two shards, and before the first, nobody holds a part of it.
      ...cardOf(pace ? { ...run, working: true } : run),
      ...(imagesPerSecond ? { imagesPerSecond } : {}),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
    };
  }
}

const cardOf = ({
  id,
  title,
  createdAt,
  endedAt,
  status,
  working,
  total,
  done,
  failed,
  unread,
  settings,
  error,
  origin,
}: RunView): CollectionCard => ({
  ...{ id, title, createdAt, endedAt, total, done, failed, unread, error },
  goesOn: origin !== null,
  sent: origin?.uploadId !== undefined,
  notes: origin?.tell ?? [],
  status: standing({ status, working }),
  family: settings.family,
  precision: settings.precision,
  device: settings.device,
  lanes: settings.lanes.map((lane) => ({
    id: lane.id ?? lane.decoder,
    decoder: lane.decoder,
    options: { ...lane.options },
  })),
});
