import sharp from 'sharp';
import { StudioError } from '../../models/errors';
import type { RgbImage } from '../../models/spaces/image';
import { imageLimits, refuseKnownKinds, refusePixels, refuseSize, wantedKinds } from '../../models/spaces/image-kind';
import { decodeCmyk } from './cmyk';
import { bareProfile } from './colour-profile';
import { asStill, gifFrame, isAvifSequence, whiteAround } from './first-frame';
import { decodeDeepTiff, refuseTiff, type TiffKind, tiffKind } from './tiff';

export type ImageLimits = { bytes: number; pixels: number };
export { imageLimits };

/** Kinds that sharp's prebuilt libvips reads and that make sense as photos. */
const readable = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'];
/** First bytes of a kind, so that a file cut in its header is called damaged, not "no picture". */
const signatures: [string, number[]][] = [
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['GIF', [0x47, 0x49, 0x46, 0x38]],
  ['TIFF', [0x49, 0x49, 0x2a, 0]],
  ['TIFF', [0x4d, 0x4d, 0, 0x2a]],
];

export type DecodedImage = {
  image: RgbImage;
  format: string;
  /** What the values of the picture mean to a viewer, where the file says so: its ICC profile, bare. */
  profile?: Uint8Array;
};

export type DecodeOptions = {
  /**
   * A JPEG may come out smaller, by 2, 4 or 8, as long as its shorter side has this many pixels: what is thrown away is
   * never decoded.
   */
  shrinkTo?: number;
};

/**
 * Decodes a photo: type taken from the bytes, EXIF orientation applied, first frame of an animation, alpha and what a
 * frame leaves empty on white, 8-bit RGB; metadata is gone afterwards. Values are those that the file stores, its
 * colour profile left aside: towers were trained on pictures that Pillow read so.
 * @throws image-unreadable, image-too-large
 */
export async function decodeImage(
  given: Uint8Array,
  limits: ImageLimits = imageLimits,
  { shrinkTo }: DecodeOptions = {},
): Promise<DecodedImage> {
  refuseSize(given.byteLength, limits.bytes);
  refuseKnownKinds(given);
  const tiff = tiffKind(given);
  if (tiff) refuseTiff(tiff);
  const bytes = asStill(given);
  const found = await metadata(bytes);
  const { format, width, height, space, icc } = found;
  if (!readable.includes(format))
    throw new StudioError('image-unreadable', `The file is of the kind ${format}. ${wantedKinds}`);
  refusePixels(width, height, limits.pixels);
  try {
    const shrunk = shrinkTo !== undefined && format === 'jpeg' ? shrunkTo(found.upright, shrinkTo) : undefined;
    const image = await decode(bytes, found, tiff, limits.pixels, shrunk);
    const profile = icc && space !== 'cmyk' && !space.startsWith('b-w') ? bareProfile(icc) : undefined;
    return { image, format, ...(profile ? { profile } : {}) };
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    throw damaged(format.toUpperCase(), cause);
  }
}

async function decode(
  bytes: Uint8Array,
  { format, space, depth }: Found,
  tiff: TiffKind | undefined,
  pixels: number,
  shrunk?: Extent,
): Promise<RgbImage> {
  if (tiff && depth !== 'uchar' && depth !== 'ushort') return decodeDeepTiff(bytes, tiff, space, pixels);
  if (space === 'cmyk') return decodeCmyk(bytes, depth, pixels);
  const picture = sharp(bytes, { limitInputPixels: pixels, failOn: 'error', pages: 1, ignoreIcc: true });
  // To a size that the JPEG decoder itself can give, so that nothing else is resampled.
  if (shrunk) picture.resize({ ...shrunk, fit: 'fill', fastShrinkOnLoad: true });
  const { data, info } = await picture
    .rotate()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const image = { width: info.width, height: info.height, data: rgb(data, info.channels) };
  const frame = format === 'gif' ? gifFrame(bytes) : undefined;
  if (frame) whiteAround(image, frame);
  return image;
}

/** The size after the largest of the shrinks that JPEG decoders have (2, 4, 8) that leaves this shorter side. */
function shrunkTo({ width, height }: Extent, shorter: number): Extent | undefined {
  const by = [8, 4, 2].find((factor) => Math.min(width, height) / factor >= shorter);
  // Downwards: a little more than a factor is shrunk by it, a little less by half of it.
  return by === undefined ? undefined : { width: Math.floor(width / by), height: Math.floor(height / by) };
}

type Extent = { width: number; height: number };
/** `upright`: its extent once it is turned as its EXIF says. */
type Found = Extent & { format: string; upright: Extent; space: string; depth: string; icc?: Uint8Array };

async function metadata(bytes: Uint8Array): Promise<Found> {
  try {
    const found = await sharp(bytes, { limitInputPixels: false }).metadata();
    return {
      ...found,
      format: found.format === 'heif' ? 'avif' : found.format,
      height: found.pageHeight ?? found.height,
      upright: found.autoOrient,
    };
  } catch (cause) {
    if (isAvifSequence(bytes))
      throw new StudioError(
        'image-unreadable',
        'The file is an AVIF sequence (an animation) without a still picture beside its frames. Export one frame as a JPEG or PNG.',
        { cause },
      );
    const kind = signatures.find(([, begins]) => begins.every((byte, i) => bytes[i] === byte))?.[0];
    if (kind) throw damaged(kind, cause);
    throw new StudioError('image-unreadable', `The file is not a picture that can be read. ${wantedKinds}`, { cause });
  }
}

const damaged = (kind: string, cause: unknown) =>
  new StudioError('image-unreadable', `The ${kind} is damaged or cut short. Save or copy it anew.`, { cause });

/** Grey pictures come with one channel. */
function rgb(data: Buffer, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data);
  const out = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < out.length; i++) out[i] = data[Math.floor(i / 3) * channels]!;
  return out;
}
