import sharp from 'sharp';
import { StudioError } from '../../models/errors';
import type { RgbImage } from '../../models/spaces/image';
import { isBareProfileSegment, withProfile } from '../media/colour-profile';
import { type DecodedImage, decodeImage } from '../media/decode-image';
import type { PictureDigest } from '../../kept/record-schema';
import { sha256 } from './hash';

type Kept = { mime: string; bytes: Uint8Array };

/** What names a kept picture: its pixels where they are kept without loss, else its bytes. */
export async function pictureDigest({ mime, bytes }: Kept): Promise<PictureDigest> {
  const { image } = await decodeImage(bytes);
  const { width, height } = image;
  return mime === 'image/png'
    ? { width, height, of: 'pixels', sha256: pixelHash(image) }
    : { width, height, of: 'file', sha256: sha256(bytes) };
}

const pixelHash = ({ width, height, data }: RgbImage) =>
  sha256(Buffer.concat([Buffer.from(`${width}x${height}\n`), data]));

/**
 * The picture of an import as it will be kept: decoded, so nothing but a picture gets in, and encoded anew without
 * loss, unless it is a
 * JPEG that holds nothing but its pixels (encoding that again would change them). @throws image-unreadable,
 * image-too-large
 */
export async function takePicture(bytes: Uint8Array): Promise<Kept & Pick<DecodedImage, 'image' | 'profile'>> {
  const { image, format, profile } = await decodeImage(bytes);
  if (format === 'jpeg' && isBareJpeg(bytes)) return { mime: 'image/jpeg', bytes, image, profile };
  if (format !== 'jpeg' && format !== 'png')
    throw new StudioError('image-unreadable', `The picture is a ${format.toUpperCase()}; an export holds PNG or JPEG.`);
  const png = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
  return { mime: 'image/png', bytes: withProfile(png, profile), image, profile };
}

/** Segments that a decoder needs: of the application's JFIF and Adobe's colour transform; no EXIF, XMP or comment. */
const needed = (marker: number) =>
  marker === 0xe0 ||
  marker === 0xee ||
  marker === 0xdb ||
  marker === 0xc4 ||
  marker === 0xdd ||
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) ||
  marker === 0xda;

/** Whether a JPEG holds its pixels and what their colours mean, and nothing else, up to its very last byte. */
export function isBareJpeg(bytes: Uint8Array): boolean {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1]!;
    if (marker === 0xd9) return at + 2 === bytes.length;
    const next = at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (!needed(marker) && !(marker === 0xe2 && isBareProfileSegment(bytes.subarray(at + 4, next)))) return false;
    at = next;
    if (marker !== 0xda) continue;
    // Entropy-coded data: FF is followed by 00 or by a restart marker there.
    while (
      at + 1 < bytes.length &&
      !(bytes[at] === 0xff && bytes[at + 1] !== 0 && !(bytes[at + 1]! >= 0xd0 && bytes[at + 1]! <= 0xd7))
    )
      at++;
  }
  return at + 2 === bytes.length && bytes[at] === 0xff && bytes[at + 1] === 0xd9;
}
