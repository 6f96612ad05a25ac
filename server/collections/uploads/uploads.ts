import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { UploadCard } from '../../../kept/collections/requests';
import { type ErrorData, StudioError } from '../../../models/errors';
import { type Database, type Transaction } from '../../db/open';
import { randomId } from '../../db/random-id';
import { told } from '../../errors/told';
import { writeWhole } from '../../files/write-whole';
import { withProfile } from '../../media/colour-profile';
import { decodeImage, imageLimits } from '../../media/decode-image';
import { collectionsFolder } from '../run/folder';
import type { Source } from '../sources/types';

/** Towers read at most 448 pixels; a person who looks at one photo wants more. */
const longSide = 1024;
/** What was begun and never became a collection goes after a day. */
const unusedMs = 24 * 3600_000;

/** A photo that the page sends: its place among them, what it is called, and its bytes, or why there are none. */
export type SentPhoto = { position: number; key: string } & ({ bytes: Uint8Array } | { error: StudioError });

/**
 * Photos that a page sends to become a collection. What is kept is encoded anew, so that no metadata of the file is
 * left but what its colours mean, and no larger than anybody needs; it lies beside the shards of the runs.
 */
export class Uploads {
  readonly #folder: string;

  constructor(
    private readonly db: Database,
    /** Refuses what an owner has no room for, in the transaction that would write it. */
    private readonly demandRoom: (tx: Transaction, ownerId: string) => Promise<void>,
  ) {
    this.#folder = join(collectionsFolder(db), 'photos');
  }

  /** @param total photos that will be sent @returns its id @throws storage-full */
  async begin(ownerId: string, title: string, total: number): Promise<string> {
    await this.#forgetUnused();
    const id = randomId();
    await this.db.$transaction(async (tx) => {
      await this.demandRoom(tx, ownerId);
      await tx.collectionUpload.create({ data: { id, ownerId, title, total } });
    });
    return id;
  }

  /**
   * Keeps a photo; one that cannot be read is kept as that. What was sent before is not kept twice.
   * @throws storage-full, not-found, option-invalid (two photos of one name)
   */
  async add(ownerId: string, uploadId: string, sent: SentPhoto): Promise<void> {
    const { total } = await this.#demand(ownerId, uploadId);
    const { position, key } = sent;
    if (position >= total)
      throw new StudioError('option-invalid', `There are ${total} photos, and this is number ${position + 1}.`);
    const kept = await this.#kept(sent);
    const hash = 'bytes' in sent ? createHash('sha256').update(sent.bytes).digest('hex') : '';
    if (kept.bytes) {
      const file = this.#file(uploadId, position);
      await mkdir(join(this.#folder, uploadId), { recursive: true });
      await writeWhole(file, kept.bytes, `photo ${position}`);
    }
    const size = kept.bytes?.byteLength ?? 0;
    const row = { key, hash, size, ...(kept.error ? { error: kept.error as object } : {}) };
    await this.db.$transaction(async (tx) => {
      await this.demandRoom(tx, ownerId);
      const other = await tx.collectionPhoto.findUnique({ where: { uploadId_key: { uploadId, key } } });
      if (other && other.position !== position)
        throw new StudioError('option-invalid', `Two photos are called ${key}. Name one of them otherwise.`);
      await tx.collectionPhoto.upsert({
        where: { uploadId_position: { uploadId, position } },
        create: { uploadId, position, ...row },
        update: row,
      });
    });
  }

  /** Those that no collection was made of yet, newest first. */
  async list(ownerId: string): Promise<UploadCard[]> {
    const used = await this.#used();
    const rows = await this.db.collectionUpload.findMany({
      where: { ownerId, id: { notIn: used } },
      orderBy: { createdAt: 'desc' },
      include: { _count: { select: { photos: true } } },
    });
    return rows.map(({ id, title, createdAt, total, _count }) => ({
      id,
      title,
      createdAt,
      total,
      here: _count.photos,
    }));
  }

  /** What a run reads of it, in the order in which the page had it. @throws not-found, option-invalid (no photo) */
  async inputs(ownerId: string, uploadId: string): Promise<{ title: string; inputs: Source[] }> {
    const { title } = await this.#demand(ownerId, uploadId);
    const photos = await this.db.collectionPhoto.findMany({ where: { uploadId }, orderBy: { position: 'asc' } });
    if (!photos.length) throw new StudioError('option-invalid', 'No photo has arrived yet. Choose the photos again.');
    return {
      title,
      inputs: photos.map(({ position, key, hash, error }): Source => {
        if (error)
          return {
            key,
            path: key,
            stamp: `lost ${hash}`,
            read: () => Promise.reject(StudioError.fromData(error as ErrorData)),
          };
        const file = this.#file(uploadId, position);
        return { key, path: key, stamp: `sent ${hash}`, file, read: async () => this.#read(file) };
      }),
    };
  }

  /** @throws not-found */
  async remove(ownerId: string, uploadId: string): Promise<void> {
    await this.#demand(ownerId, uploadId);
    await this.#remove(uploadId);
  }

  /** Deletes it unless another run is of it. */
  async leave(uploadId: string): Promise<void> {
    if (!(await this.db.collectionRun.count({ where: { uploadId } }))) await this.#remove(uploadId);
  }

  async #kept(sent: SentPhoto): Promise<{ bytes?: Uint8Array; error?: ErrorData }> {
    if ('error' in sent) return { error: sent.error.toData() };
    try {
      const { image, profile } = await decodeImage(sent.bytes, imageLimits, { shrinkTo: longSide });
      const { width, height } = image;
      const small = await sharp(image.data, { raw: { width, height, channels: 3 } })
        .resize(longSide, longSide, { fit: 'inside', withoutEnlargement: true })
        .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
        .toBuffer();
      return { bytes: withProfile(small, profile) };
    } catch (error) {
      const fault = told(error);
      if (!fault.code.startsWith('image-')) throw fault;
      return { error: fault.toData() };
    }
  }

  async #read(file: string): Promise<Uint8Array> {
    try {
      return new Uint8Array(await readFile(file));
    } catch (cause) {
      throw new StudioError('file-unreadable', 'The photo is not kept any more. Choose it again.', { cause });
    }
  }

  #file = (uploadId: string, position: number) => join(this.#folder, uploadId, `${position}.jpg`);

  async #demand(ownerId: string, id: string) {
    const row = await this.db.collectionUpload.findFirst({ where: { id, ownerId } });
    if (!row)
      throw new StudioError(
        'not-found',
        'These photos are not kept any more: what became no collection goes after a day. Choose them again.',
      );
    return row;
  }

  async #used(): Promise<string[]> {
    const rows = await this.db.collectionRun.findMany({
      where: { uploadId: { not: null } },
      select: { uploadId: true },
    });
    return rows.map(({ uploadId }) => uploadId!);
  }

  async #remove(id: string): Promise<void> {
    await this.db.collectionUpload.deleteMany({ where: { id } });
    await rm(join(this.#folder, id), { recursive: true, force: true });
  }

  async #forgetUnused(): Promise<void> {
    const old = await this.db.collectionUpload.findMany({
      where: { createdAt: { lt: new Date(Date.now() - unusedMs) }, id: { notIn: await this.#used() } },
      select: { id: true },
    });
    for (const { id } of old) await this.#remove(id);
  }
}

/** What an owner's sent photos take. */
export const sentBytes = async (tx: Transaction, ownerId: string): Promise<number> =>
  (await tx.collectionPhoto.aggregate({ where: { upload: { ownerId } }, _sum: { size: true } }))._sum.size ?? 0;
