import sharp from 'sharp';
import { StudioError } from '../../models/errors';
import type { RgbImage } from '../../models/spaces/image';

/** What the first picture of a TIFF says of its samples (TIFF 6.0; BigTIFF). */
export type TiffKind = { bits: number; format: number; photometric: number; compression: number; samples: number };

const tags = { 258: 'bits', 259: 'compression', 262: 'photometric', 277: 'samples', 339: 'format' } as const;

/** Its tags; undefined for what is no TIFF, or is cut before them. */
export function tiffKind(bytes: Uint8Array): TiffKind | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = new TextDecoder('latin1').decode(bytes.subarray(0, 2));
  if (order !== 'II' && order !== 'MM') return undefined;
  const little = order === 'II';
  const kind: TiffKind = { bits: 1, format: 1, photometric: 1, compression: 1, samples: 1 };
  try {
    const big = view.getUint16(2, little) === 43;
    if (!big && view.getUint16(2, little) !== 42) return undefined;
    const long = (at: number) => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
    const start = long(big ? 8 : 4);
    const count = big ? long(start) : view.getUint16(start, little);
    const size = big ? 20 : 12;
    for (let i = 0; i < count; i++) {
      const at = start + (big ? 8 : 2) + i * size;
      const name = tags[view.getUint16(at, little) as keyof typeof tags];
      if (!name) continue;
      const values = long(at + 4);
      const value = at + (big ? 12 : 8);
      // Of several values, one for each channel, the first; they stand elsewhere where they do not fit.
      kind[name] = view.getUint16(values * 2 > (big ? 8 : 4) ? long(value) : value, little);
    }
    return kind;
  } catch {
    return undefined;
  }
}

const compressions: Record<number, string> = {
  34661: 'JBIG',
  34712: 'JPEG 2000',
  34892: 'lossy JPEG of DNG',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  50002: 'JPEG XL',
};
const formats: Record<number, string> = { 2: 'signed numbers', 3: 'floats', 5: 'complex numbers', 6: 'complex floats' };
const mend = 'Save it with 8 or 16 bits a channel, as grey, RGB or CMYK.';
const unreadable = (what: string) => new StudioError('image-unreadable', `The TIFF ${what} ${mend}`);

/** Says what of a TIFF is not read, where its tags tell. @throws image-unreadable */
export function refuseTiff({ bits, format, photometric, compression, samples }: TiffKind): void {
  if (compressions[compression])
    throw new StudioError(
      'image-unreadable',
      `The TIFF is compressed with ${compressions[compression]}, which is not read here. Save it with LZW, Deflate or no compression.`,
    );
  if (format === 5 || format === 6) throw unreadable(`holds ${formats[format] ?? 'samples of an unknown kind'}.`);
  if (bits > 32 || (format === 2 && bits === 16))
    throw unreadable(`holds ${formats[format] ?? 'numbers'} of ${bits} bits.`);
  if (format === 3 && bits < 32 && samples < 3) throw unreadable('holds grey floats of 16 bits.');
  if (photometric >= 8 && photometric <= 10) throw unreadable('is in Lab colours.');
  // libvips would take the brightness for red.
  if (photometric === 6 && compression !== 6 && compression !== 7)
    throw unreadable('is in YCbCr without being a JPEG inside.');
  if (samples > (photometric === 5 ? 5 : 4)) throw unreadable(`has ${samples} channels.`);
}

/**
 * A TIFF of floats, or of integers that are neither 8 nor 16 bits without sign: numbers from 0 to 1 are scaled to
 * 0 … 255 as they are (no gamma is applied), those that reach beyond 1 must be 0 … 255 already. Alpha on white.
 * @param space what libvips takes its colours for @throws image-unreadable for any other range
 */
export async function decodeDeepTiff(
  bytes: Uint8Array,
  { format, photometric }: TiffKind,
  space: string,
  pixels: number,
): Promise<RgbImage> {
  const picture = sharp(bytes, { limitInputPixels: pixels, failOn: 'error', pages: 1, ignoreIcc: true }).rotate();
  // RGB floats are left as they are only in the space that libvips takes them to be in.
  const { data, info } = await (
    space === 'scrgb' ? picture.pipelineColourspace('scrgb').toColourspace('scrgb') : picture
  )
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  const values = new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  const { width, height, channels } = info;
  const colours = channels < 3 ? 1 : 3;
  const { least, most } = range(values, channels, colours);
  const floats = format === 3;
  const whole = floats && most <= 1 ? 1 : 255;
  // Between 1 and half of 255 it may be light beyond white as well as a dark picture.
  if (!(least >= 0 && most <= 255) || (floats && most > 1 && most < 128))
    throw unreadable(
      `holds ${floats ? 'floats' : 'whole numbers of more than 16 bits or with a sign'} from ${least} to ${most}; expected ${floats ? '0 to 1, or ' : ''}0 to 255.`,
    );
  const out = new Uint8Array(width * height * 3);
  const alpha = channels > colours ? alphaOf(values, channels, colours) : undefined;
  for (let i = 0; i < width * height; i++) {
    const opaque = alpha ? alpha(i) : 1;
    for (let c = 0; c < 3; c++) {
      const part = values[i * channels + (colours === 1 ? 0 : c)]! / whole;
      // WhiteIsZero: libvips turns whole numbers itself.
      const light = floats && photometric === 0 ? 1 - part : part;
      out[i * 3 + c] = Math.round(255 * (light * opaque + 1 - opaque));
    }
  }
  return { width, height, data: out };
}

/** Of the colours, without alpha; NaN stays NaN. */
function range(values: Float32Array, channels: number, colours: number) {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (i % channels >= colours) continue;
    const value = values[i]!;
    if (Number.isNaN(value)) return { least: NaN, most: NaN };
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}

/** Opacity of a pixel in 0 … 1, in whichever scale it is written. */
function alphaOf(values: Float32Array, channels: number, at: number) {
  let most = 0;
  for (let i = at; i < values.length; i += channels) most = Math.max(most, values[i]!);
  const whole = most <= 1 ? 1 : 255;
  return (pixel: number) => Math.min(1, Math.max(0, values[pixel * channels + at]! / whole));
}
