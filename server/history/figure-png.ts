import sharp from 'sharp';
import { type FigurePart, type FigureSpeech, figureSvg } from '../../kept/figure';

/** A figure at twice its size, for print. */
export async function figurePng(parts: readonly FigurePart[], speech?: FigureSpeech): Promise<Uint8Array> {
  return new Uint8Array(
    await sharp(Buffer.from(figureSvg(parts, speech)), { density: 144, unlimited: true })
      .png({ compressionLevel: 9 })
      .toBuffer(),
  );
}
