import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { CollectionCard } from '../../../kept/answers';
import type { TablePage, TableQuery } from '../../../kept/collections/table';
import { StudioError } from '../../../models/errors';
import type { Database } from '../../db/open';
import { decodeImage, imageLimits } from '../../media/decode-image';
import { withProfile } from '../../media/colour-profile';
import { collectionsFolder } from '../run/folder';
import { Places } from '../run/places';
import { ShardFiles } from '../run/shard-files';
import { RunStore } from '../run/store';
import { type RunView, standing } from '../run/types';
import { RunTable } from './run-table';

/** Tables that are held in memory; the one that was not looked at for longest goes first. */
const held = 4;
const thumbnailSide = 160;

/** Runs of collections as the page shows them: how they stand, their rows, their photos. It works on none. */
export class CollectionTables {
  readonly #store: RunStore;
  readonly #files: ShardFiles;
  readonly #places: Places;
  readonly #tables = new Map<string, RunTable>();

  constructor(database: Database) {
    this.#store = new RunStore(database);
    const folder = collectionsFolder(database);
    this.#files = new ShardFiles(folder);
    this.#places = new Places(folder);
  }

  /** Newest first. */
  list = async (owner: string): Promise<CollectionCard[]> => (await this.#store.list(owner)).map(cardOf);

  /** @throws not-found */
  async card(owner: string, id: string): Promise<CollectionCard> {
    await this.#demand(owner, id);
    return cardOf(await this.#store.view(id));
  }

  /** @throws not-found */
  async rows(owner: string, id: string, query: TableQuery): Promise<TablePage> {
    await this.#demand(owner, id);
    const table = this.#tables.get(id) ?? new RunTable((name, skip) => this.#files.photos(name, skip));
    this.#tables.delete(id);
    this.#tables.set(id, table);
    if (this.#tables.size > held) this.#tables.delete(this.#tables.keys().next().value!);
    const page = await table.page(await this.#store.shards(id), query);
    const rows = page.rows.map(async (row) => {
      const shown = !row.error && (await this.#places.of(id, row.key)) !== undefined;
      return { ...row, ...(shown ? { shown } : {}) };
    });
    return { ...page, rows: await Promise.all(rows) };
  }

  /** In whatever process it is worked on. @throws not-found, busy */
  async set(owner: string, id: string, status: 'paused' | 'cancelled'): Promise<CollectionCard> {
    await this.#demand(owner, id);
    await this.#store.set(id, status);
    return this.card(owner, id);
  }

  /** A photo, small, as a JPEG. @throws not-found, image-unreadable, file-unreadable */
  async thumbnail(owner: string, id: string, key: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.photo(owner, id, key);
    const { image, profile } = await decodeImage(bytes, imageLimits, { shrinkTo: thumbnailSide });
    const { width, height } = image;
    const small = sharp(image.data, { raw: { width, height, channels: 3 } })
      .resize(thumbnailSide, thumbnailSide, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 78 });
    return new Uint8Array(await withProfile(await small.toBuffer(), profile));
  }

  /** The file of a photo as it lies. @throws not-found, file-unreadable */
  async photo(owner: string, id: string, key: string): Promise<Uint8Array<ArrayBuffer>> {
    await this.#demand(owner, id);
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

  async #demand(owner: string, id: string): Promise<void> {
    if (!(await this.#store.owns(owner, id)))
      throw new StudioError('not-found', 'There is no such collection here; it may have been forgotten.');
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
  settings,
  error,
}: RunView): CollectionCard => ({
  ...{ id, title, createdAt, endedAt, total, done, failed, error },
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
