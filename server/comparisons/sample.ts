import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { type SampleName, sampleNames } from '../../kept/samples';
import type { RgbImage } from '../../models/spaces/image';
import { studioOwner } from '../owners/signing';
import type { ImageStore } from './images';
import { cat } from './samples/cat';
import { dog } from './samples/dog';
import { skier } from './samples/skier';

/** The sample pictures, drawn by us, so anybody may show them anywhere. */
const scenes: Readonly<Record<SampleName, string>> = { dog, skier, cat };

/** A scene as pixels, 640 x 480. */
export async function drawSample(name: SampleName = sampleNames[0]): Promise<RgbImage> {
  const { data, info } = await sharp(Buffer.from(scenes[name]))
    .flatten({ background: '#fff' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/**
 * Keeps a sample where it is not kept yet. Its id follows from the drawing: another drawing is another picture.
 * @returns its id
 */
export async function keepSample(images: ImageStore, name: SampleName = sampleNames[0]): Promise<string> {
  const id = `sample-${createHash('sha256').update(scenes[name]).digest('hex').slice(0, 12)}`;
  if (!(await images.has(id, studioOwner)))
    await images.save(await drawSample(name), 'drawn', { id, ownerId: studioOwner });
  return id;
}
