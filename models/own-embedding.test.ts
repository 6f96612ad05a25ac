import { expect, it } from 'vitest';
import { decoderNamed } from './decoders/named';
import { laneInput } from './own-embedding';
import type { Runner } from './runtime/scheduler';
import type { RgbImage } from './spaces/image';
import type { Crop } from './spaces/preprocess';
import type { Space } from './spaces/space';
import type { Family } from './weights/family';

const spec = { size: 224, fit: 'crop', filter: 'bicubic', scale: '' };
const asked: (Crop | undefined)[] = [];
const family = { graphNames: [], manifest: { space: { image: spec } } } as unknown as Family;
/** A space whose tower gives another embedding for each cut. */
const space = {
  family,
  encodeImage: async (_: RgbImage, __: Runner, crop?: Crop) => {
    asked.push(crop);
    return { embedding: embedding(crop === 'hugging-face' ? [3, 4] : [1, 0]) };
  },
} as unknown as Space;
const embedding = (values: number[]) => ({
  space: 'small',
  modality: 'image' as const,
  state: 'raw' as const,
  values: Float32Array.from(values),
});
const photo = (width: number): RgbImage => ({ width, height: 224, data: new Uint8Array(width * 224 * 3) });
const shared = { embedding: embedding([1, 0]), grid: undefined };
const of = (decoder: string, mode: string, image?: RgbImage) =>
  laneInput(decoderNamed(decoder), { mode }, image, shared, space, family, {
    run: async () => ({}),
  });

it("MAGIC's mode has an embedding of its own, and says so, where Hugging Face cuts the photo elsewhere", async () => {
  const own = await of('iterative', 'magic-acefac6', photo(227));
  expect([...own.embedding.values]).toEqual([3, 4]);
  expect(own.told).toEqual({ crop: 'hugging-face', cosine: expect.closeTo(0.6, 6) as number });
  expect(asked).toEqual(['hugging-face']);
});

it('every other lane, photo and input keeps the shared one, and the tower does not run again', async () => {
  asked.length = 0;
  expect(await of('iterative', 'magic-acefac6', photo(226))).toBe(shared);
  expect(await of('iterative', 'magic-acefac6')).toBe(shared);
  expect(await of('iterative', 'studio', photo(227))).toBe(shared);
  expect(await of('clipcap', 'clipcap-1ad805a-beam', photo(227))).toBe(shared);
  expect(asked).toEqual([]);
});
