import sharp from 'sharp';
import { StudioError } from '../../models/errors';
import type { RgbImage } from '../../models/spaces/image';

export type ImageLimits = { bytes: number; pixels: number };
export const imageLimits: ImageLimits = { bytes: 25 * 1024 * 1024, pixels: 50_000_000 };

/** Kinds that sharp's prebuilt libvips reads and that make sense as photos. */
const readable = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'];
/** First bytes of a kind, so that a file cut in its header is called damaged, not "no picture". */
const signatures: [string, number[]][] = [
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['GIF', [0x47, 0x49, 0x46, 0x38]],
];
const wanted = 'Expected a JPEG, PNG, WebP, GIF, AVIF or TIFF.';

/**
 * Decodes a photo: type taken from the bytes, EXIF orientation applied, first frame of an animation, alpha on white, any colour space
 * and depth to 8-bit sRGB; metadata is gone afterwards. @throws image-unreadable, image-too-large
 */
export async function decodeImage(bytes: Uint8Array, limits: ImageLimits = imageLimits): Promise<{ image: RgbImage; format: string }> {
  if (!bytes.byteLength) throw new StudioError('image-unreadable', `The file is empty (0 bytes). ${wanted}`);
  if (bytes.byteLength > limits.bytes)
    throw new StudioError('image-too-large', `The file has ${megabytes(bytes.byteLength)} MB; at most ${megabytes(limits.bytes)} MB are read. Save the photo smaller, for example 2000 pixels wide as a JPEG.`);
  refuseKnownKinds(bytes);
  const { format, width, height } = await metadata(bytes);
  if (!readable.includes(format)) throw new StudioError('image-unreadable', `The file is of the kind ${format}. ${wanted}`);
  if (width * height > limits.pixels)
    throw new StudioError('image-too-large', `The picture has ${width} x ${height} pixels; at most ${limits.pixels / 1e6} million are read. Save it smaller, for example 2000 pixels wide.`);
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
    throw new StudioError('image-unreadable', `The ${format.toUpperCase()} is damaged or cut short: ${reason(cause)}. Save or copy it anew.`, { cause });
  }
}

async function metadata(bytes: Uint8Array): Promise<{ format: string; width: number; height: number }> {
  try {
    const { format, width, height, pageHeight } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { format: format === 'heif' ? 'avif' : format, width, height: pageHeight ?? height };
  } catch (cause) {
    const kind = signatures.find(([, begins]) => begins.every((byte, i) => bytes[i] === byte))?.[0];
    if (kind) throw new StudioError('image-unreadable', `The ${kind} is damaged or cut short: ${reason(cause)}. Save or copy it anew.`, { cause });
    throw new StudioError('image-unreadable', `The file is not a picture that can be read. ${wanted}`, { cause });
  }
}

/** Kinds that need a word of their own: recognised by their first bytes, whatever the file is called. */
function refuseKnownKinds(bytes: Uint8Array): void {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  if (/^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(head))
    throw new StudioError('image-unreadable', 'SVG drawings are not read, because they can hold scripts and links. Export it as a PNG first.');
  // mif1 and msf1 are shared with AVIF, which then names itself among the compatible brands.
  if (head.slice(4, 8) === 'ftyp' && (/^(heic|heix|hevc|hevx|heim|heis)/.test(head.slice(8, 12)) || (/^(mif1|msf1)/.test(head.slice(8, 12)) && !/avi[fs]/.test(head.slice(16, 64)))))
    throw new StudioError('image-unreadable', 'HEIC photos cannot be read here. Convert it to JPEG: on an iPhone choose Settings, Camera, Formats, Most Compatible; on a Mac open it in Preview and export.');
  if (head.startsWith('%PDF')) throw new StudioError('image-unreadable', `The file is a PDF. ${wanted} Export the page as a PNG.`);
}

/** Grey pictures come with one channel. */
function rgb(data: Buffer, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data);
  const out = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < out.length; i++) out[i] = data[Math.floor(i / 3) * channels]!;
  return out;
}

const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0);
const reason = (cause: unknown) => (cause instanceof Error ? cause.message.split('\n')[0]! : String(cause));
