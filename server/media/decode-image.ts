import sharp from 'sharp';
import { StudioError } from '../../models/errors';
import type { RgbImage } from '../../models/spaces/image';
import { imageLimits, refuseKnownKinds, refusePixels, refuseSize, wantedKinds } from '../../models/spaces/image-kind';

export type ImageLimits = { bytes: number; pixels: number };
export { imageLimits };

/** Kinds that sharp's prebuilt libvips reads and that make sense as photos. */
const readable = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'];
/** First bytes of a kind, so that a file cut in its header is called damaged, not "no picture". */
const signatures: [string, number[]][] = [
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['GIF', [0x47, 0x49, 0x46, 0x38]],
];

/**
 * Decodes a photo: type taken from the bytes, EXIF orientation applied, first frame of an animation, alpha on white,
 * any colour space
 * and depth to 8-bit sRGB; metadata is gone afterwards. @throws image-unreadable, image-too-large
 */
export async function decodeImage(
  bytes: Uint8Array,
  limits: ImageLimits = imageLimits,
): Promise<{ image: RgbImage; format: string }> {
  refuseSize(bytes.byteLength, limits.bytes);
  refuseKnownKinds(bytes);
  const { format, width, height } = await metadata(bytes);
  if (!readable.includes(format))
    throw new StudioError('image-unreadable', `The file is of the kind ${format}. ${wantedKinds}`);
  refusePixels(width, height, limits.pixels);
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: limits.pixels, failOn: 'error', pages: 1 })
      .rotate()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { image: { width: info.width, height: info.height, data: rgb(data, info.channels) }, format };
  } catch (cause) {
    throw new StudioError(
      'image-unreadable',
      `The ${format.toUpperCase()} is damaged or cut short: ${reason(cause)}. Save or copy it anew.`,
      { cause },
    );
  }
}

async function metadata(bytes: Uint8Array): Promise<{ format: string; width: number; height: number }> {
  try {
    const { format, width, height, pageHeight } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { format: format === 'heif' ? 'avif' : format, width, height: pageHeight ?? height };
  } catch (cause) {
    const kind = signatures.find(([, begins]) => begins.every((byte, i) => bytes[i] === byte))?.[0];
    if (kind)
      throw new StudioError(
        'image-unreadable',
        `The ${kind} is damaged or cut short: ${reason(cause)}. Save or copy it anew.`,
        { cause },
      );
    throw new StudioError('image-unreadable', `The file is not a picture that can be read. ${wantedKinds}`, { cause });
  }
}

/** Grey pictures come with one channel. */
function rgb(data: Buffer, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data);
  const out = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < out.length; i++) out[i] = data[Math.floor(i / 3) * channels]!;
  return out;
}

const reason = (cause: unknown) => (cause instanceof Error ? cause.message.split('\n')[0]! : String(cause));
