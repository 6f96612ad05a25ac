import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { NodeRuntime } from '../../../models/runtime/node';
import { Scheduler } from '../../../models/runtime/scheduler';
import { cosine } from '../../../models/spaces/embedding';
import { prepare } from '../../../models/spaces/prepared';
import { Space } from '../../../models/spaces/space';
import { Family } from '../../../models/weights/family';
import { decodeImage } from '../../media/decode-image';
import { PhotoPreparer } from './preparer';

const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
const lane = new Scheduler().lane();
const folder = new URL('../../../models/pocket/', import.meta.url);
const family = Family.open({
  files: { read: async (path) => new Uint8Array(await readFile(new URL(path, folder))) },
  runtime,
  precision: 'fp32',
});
afterAll(() => runtime.close());

/** A large JPEG with fine grain all over, so that there is something that shrinking may alias. */
async function largeJpeg(orientation = 1, [width, height] = [1601, 1203]): Promise<Uint8Array> {
  const data = new Uint8Array(width! * height! * 3);
  let state = 7;
  for (let y = 0, at = 0; y < height!; y++)
    for (let x = 0; x < width!; x++) {
      const ball = (x - 500) ** 2 + (y - 700) ** 2 < 90_000;
      const colour = ball ? [200, 60, 40] : y < 500 ? [130, 180, 240] : [60, 140 + ((x >> 5) % 2) * 40, 60];
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      for (const value of colour) data[at++] = Math.max(0, Math.min(255, value + ((state >> 16) % 31) - 15));
    }
  const picture = sharp(data, { raw: { width: width!, height: height!, channels: 3 } });
  return new Uint8Array(await picture.withMetadata({ orientation }).jpeg({ quality: 92 }).toBuffer());
}

describe('PhotoPreparer', () => {
  it.each([1, 6, 3])('shrinks a large JPEG (orientation %i), and its embedding hardly moves', async (orientation) => {
    const space = new Space(await family);
    const views = [{ spec: space.family.manifest.space.image, crop: 'torchvision' as const }];
    const bytes = await largeJpeg(orientation);
    const whole = prepare((await decodeImage(bytes)).image, views);
    const preparers = [true, false].map((shrinkOnLoad) => new PhotoPreparer({ views, shrinkOnLoad, threads: 1 }));
    const [shrunk, exact] = await Promise.all(preparers.map((preparer) => preparer.prepare(bytes.slice())));
    await Promise.all(preparers.map((preparer) => preparer.close()));
    // Read whole it is the same, bit for bit.
    expect(exact).toEqual(whole);
    expect(shrunk!.width).toBe(orientation === 6 ? Math.floor(1203 / 2) : Math.floor(1601 / 2));
    const of = async (photo: typeof whole) => (await space.encodeImage(photo, lane)).embedding;
    const drift = 1 - cosine(await of(shrunk!), await of(whole));
    expect(drift).toBeGreaterThan(0);
    expect(drift).toBeLessThan(0.001);
  });

  it('reads many at once, names what cannot be read, and goes on', async () => {
    const space = new Space(await family);
    const views = [{ spec: space.family.manifest.space.image, crop: 'torchvision' as const }];
    const preparer = new PhotoPreparer({ views, shrinkOnLoad: true, threads: 2 });
    const bytes = await largeJpeg(1, [320, 240]);
    const given = [bytes, new TextEncoder().encode('no picture'), bytes.slice(0, 500), bytes];
    const read = await Promise.allSettled(given.map((one) => preparer.prepare(one.slice())));
    await preparer.close();
    expect(read.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(read[1]).toMatchObject({ reason: { code: 'image-unreadable' } });
    expect(read[2]).toMatchObject({ reason: { code: 'image-unreadable', message: expect.stringContaining('JPEG') } });
  });
});
