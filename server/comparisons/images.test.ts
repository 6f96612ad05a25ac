import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../../models/spaces/image';
import { bareProfile } from '../media/colour-profile';
import { wideGamutProfile } from '../media/test-profile';
import { scriptedStudio } from '../studio/scripted-studio';

const scripted = scriptedStudio();

/** A smooth drawing, so that JPEG keeps it close. */
function drawing(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set([(x * 255) / width, (y * 255) / height, 90], (y * width + x) * 3);
  return { width, height, data };
}

describe('kept pictures', () => {
  it('come back pixel by pixel, as PNG, with a thumbnail', async () => {
    const image = drawing(500, 375);
    const kept = await scripted.studio.images.save(image, 'jpeg');
    expect(kept).toMatchObject({ width: 500, height: 375, format: 'jpeg', url: `/api/images/${kept.id}` });
    const { width, height, data } = await scripted.studio.images.pixels(kept.id);
    expect([width, height, Buffer.compare(data, image.data)]).toEqual([500, 375, 0]);
    const { mime, bytes } = await scripted.studio.images.file(kept.id, false);
    expect(mime).toBe('image/png');
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
    const thumbnail = await scripted.studio.images.file(kept.id, true);
    expect(await sharp(thumbnail.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 320, height: 240 });
  });

  it('keep what their colours mean, for viewers alone: decoders get the same values', async () => {
    const image = drawing(60, 40);
    const profile = bareProfile(wideGamutProfile())!;
    const { id } = await scripted.studio.images.save(image, 'png', { profile });
    expect((await scripted.studio.images.pixels(id)).data).toEqual(image.data);
    for (const isThumbnail of [false, true]) {
      const { bytes } = await scripted.studio.images.file(id, isThumbnail);
      expect((await sharp(bytes).metadata()).icc).toEqual(Buffer.from(profile));
    }
  });

  it('that are large are kept smaller, and the answer says how large', async () => {
    const kept = await scripted.studio.images.save(drawing(3000, 1500), 'png');
    expect(kept).toMatchObject({ width: 2048, height: 1024 });
    const { width, height, data } = await scripted.studio.images.pixels(kept.id);
    expect([width, height]).toEqual([2048, 1024]);
    const middle = (512 * 2048 + 1024) * 3;
    for (const [channel, expected] of [127.5, 127.5, 90].entries())
      expect(Math.abs(data[middle + channel]! - expected)).toBeLessThan(4);
    expect((await scripted.studio.images.file(kept.id, false)).mime).toBe('image/jpeg');
  });

  it('have ids that cannot be guessed, and an unknown one is a clear error', async () => {
    const ids = new Set(
      await Promise.all(
        Array.from({ length: 8 }, async () => (await scripted.studio.images.save(drawing(4, 4), 'png')).id),
      ),
    );
    expect(ids.size).toBe(8);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    await expect(scripted.studio.images.pixels('nosuch')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('Upload it again'),
    });
  });

  it('are removed after a day, unless a comparison shows them', async () => {
    const [used, unused] = [
      await scripted.studio.images.save(drawing(5, 5), 'png'),
      await scripted.studio.images.save(drawing(6, 6), 'png'),
    ];
    await scripted.studio.comparisons.create({ input: { kind: 'image', imageId: used.id } });
    await scripted.studio.images.removeUnused(Date.now() + 23 * 3600_000);
    expect(await scripted.studio.images.has(unused.id, 'local')).toBe(true);
    await scripted.studio.images.removeUnused(Date.now() + 25 * 3600_000);
    expect([
      await scripted.studio.images.has(used.id, 'local'),
      await scripted.studio.images.has(unused.id, 'local'),
    ]).toEqual([true, false]);
  });
});
