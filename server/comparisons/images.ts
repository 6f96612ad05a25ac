import sharp from 'sharp';
import { StudioError } from '../../models/errors';
import type { RgbImage } from '../../models/spaces/image';
import { deleting, type Database, type Transaction } from '../db/open';
import { randomId } from '../db/random-id';
import { localOwner, studioOwner } from '../owners/signing';
import { withProfile } from '../media/colour-profile';
import type { UploadedImage } from '../../kept/answers';

/** Up to here the picture is kept without loss; a larger one as a JPEG with its longer side at most `longSide`. */
const losslessPixels = 1_000_000;
const longSide = 2048;
const thumbnailSide = 320;
/** An upload that no comparison uses is removed after a day. */
const unusedMs = 24 * 3600_000;

export const imageUrls = (id: string) => ({ url: `/api/images/${id}`, thumbnailUrl: `/api/images/${id}?thumbnail` });

const pixels = ({ data, width, height }: RgbImage) => sharp(data, { raw: { width, height, channels: 3 } });
const thumbnailOf = async (image: RgbImage, profile?: Uint8Array) =>
  withProfile(
    await pixels(image)
      .resize(thumbnailSide, thumbnailSide, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 80 })
      .toBuffer(),
    profile,
  );

/** Refuses what an owner has no room for, in the transaction that would write it. @throws storage-full */
export type RoomCheck = (tx: Transaction, ownerId: string) => Promise<void>;

/**
 * The pictures of the studio. What is kept is what the decoders see: comparisons read the kept picture, never the
 * upload.
 */
export class ImageStore {
  constructor(
    private readonly db: Database,
    private readonly demandRoom: RoomCheck = async () => {},
  ) {}

  /**
   * Keeps a decoded picture, encoded anew: no metadata of the upload is left but what its colours mean. `id` is
   * given only to well-known pictures, whose owner is the studio. @throws storage-full
   */
  async save(
    image: RgbImage,
    format: string,
    { id = randomId(), ownerId = localOwner, profile }: { id?: string; ownerId?: string; profile?: Uint8Array } = {},
  ): Promise<UploadedImage> {
    const lossless = image.width * image.height <= losslessPixels;
    const kept = lossless
      ? pixels(image).png({ compressionLevel: 6 })
      : pixels(image)
          .resize(longSide, longSide, { fit: 'inside', withoutEnlargement: true })
          .jpeg({ quality: 95, chromaSubsampling: '4:4:4' });
    const [{ data, info }, thumbnail] = await Promise.all([
      kept.toBuffer({ resolveWithObject: true }),
      thumbnailOf(image, profile),
    ]);
    const { width, height } = info;
    const bytes = withProfile(data, profile);
    const values = {
      mime: lossless ? 'image/png' : 'image/jpeg',
      width,
      height,
      bytes,
      thumbnail,
      size: bytes.byteLength + thumbnail.byteLength,
      ownerId,
    };
    await this.db.$transaction(async (tx) => {
      await this.demandRoom(tx, ownerId);
      await tx.image.upsert({ where: { id }, create: { id, ...values }, update: values });
    });
    return { id, ...imageUrls(id), width, height, format };
  }

  /** Keeps a picture as it is encoded already; for imports, which have checked it. @throws storage-full */
  async keep(
    { mime, bytes, image, profile }: { mime: string; bytes: Uint8Array; image: RgbImage; profile?: Uint8Array },
    ownerId: string,
  ): Promise<{ id: string }> {
    const thumbnail = await thumbnailOf(image, profile);
    const { width, height } = image;
    const data = {
      id: randomId(),
      mime,
      width,
      height,
      bytes: new Uint8Array(bytes),
      thumbnail: new Uint8Array(thumbnail),
      size: bytes.byteLength + thumbnail.byteLength,
      ownerId,
    };
    return this.db.$transaction(async (tx) => {
      await this.demandRoom(tx, ownerId);
      return tx.image.create({ data, select: { id: true } });
    });
  }

  /** Whether there is such a picture that this owner may use: an own one, or one that is everybody's. */
  async has(id: string, ownerId: string): Promise<boolean> {
    return (await this.db.image.count({ where: { id, ownerId: { in: [ownerId, studioOwner] } } })) > 0;
  }

  /** The file to serve. @throws not-found */
  async file(id: string, thumbnail: boolean): Promise<{ mime: string; bytes: Uint8Array<ArrayBuffer> }> {
    const row = await this.db.image.findUnique({
      where: { id },
      select: thumbnail ? { thumbnail: true } : { mime: true, bytes: true },
    });
    if (!row)
      throw new StudioError(
        'not-found',
        'There is no such picture here; an upload that no comparison uses is removed after a day. Upload it again.',
      );
    const { mime, bytes } =
      'thumbnail' in row
        ? { mime: 'image/jpeg', bytes: row.thumbnail }
        : (row as unknown as { mime: string; bytes: Uint8Array });
    return { mime, bytes: new Uint8Array(bytes as Uint8Array) };
  }

  /** The pixels that decoders see, as they are stored. @throws not-found */
  async pixels(id: string): Promise<RgbImage> {
    const { bytes } = await this.file(id, false);
    const { data, info } = await sharp(bytes, { ignoreIcc: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data) };
  }

  /** Removes a picture of the owner's where no comparison shows it. */
  async forget(id: string, ownerId: string): Promise<void> {
    await deleting(this.db, () => this.db.image.deleteMany({ where: { id, ownerId, comparisons: { none: {} } } }));
  }

  async removeUnused(now = Date.now()): Promise<number> {
    const { count } = await deleting(this.db, () =>
      this.db.image.deleteMany({
        where: { createdAt: { lt: new Date(now - unusedMs) }, comparisons: { none: {} } },
      }),
    );
    return count;
  }
}
