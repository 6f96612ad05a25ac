import sharp from 'sharp';
import type { RgbImage } from '../../models/spaces/image';

/**
 * A picture in CMYK as Pillow turns it into RGB, whatever its profile: each ink takes its share of the light,
 * (1 - C) · (1 - K). libvips would suppose a press.
 */
export async function decodeCmyk(bytes: Uint8Array, depth: string, pixels: number): Promise<RgbImage> {
  const wide = depth === 'ushort';
  const { data, info } = await sharp(bytes, { limitInputPixels: pixels, failOn: 'error', pages: 1, ignoreIcc: true })
    .rotate()
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const inks = wide ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  const most = wide ? 65_535 : 255;
  const { width, height, channels } = info;
  const out = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const at = i * channels;
    const black = 1 - inks[at + 3]! / most;
    const opaque = channels > 4 ? inks[at + 4]! / most : 1;
    for (let c = 0; c < 3; c++) {
      const light = (1 - inks[at + c]! / most) * black;
      out[i * 3 + c] = Math.round(255 * (light * opaque + 1 - opaque));
    }
  }
  return { width, height, data: out };
}
