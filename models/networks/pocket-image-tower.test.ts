import { expect, it } from 'vitest';
import { goldenWeights, type Golden, numbers, relativeError } from './goldens/golden';
import mobilenet from './goldens/mobilenet.json';
import { float, open } from './goldens/session';
import { buildPocketImageTower } from './pocket-image-tower';
import { pocketImageTower, pocketShape } from './pocket-keys';

const golden = mobilenet as unknown as Golden;
const size = golden.config.size!;
const plane = size * size;

async function tower(mirror: boolean, pixels: Float32Array) {
  const config = pocketImageTower({ ...pocketShape, poolHeads: 8, ...golden.config }, { size, mirror });
  const session = await open(
    buildPocketImageTower(config, goldenWeights(golden), { precision: 'fp32', device: 'cpu' }),
  );
  const outputs = await session.run({ pixels: float(pixels, [2, 3, size, size]) });
  const read = (name: string) => Array.from(outputs[name]!.data as Float32Array);
  const answer = { embedding: read('embedding'), grid: read('grid') };
  await session.release();
  return answer;
}

it('averages the embeddings of photos and their mirror images, and keeps the grids of the photos', async () => {
  const pixels = numbers('pixels', [2, 3, size, size], 0, 0.6);
  const flipped = pixels.map((_, i) => pixels[Math.floor(i / size) * size + (size - 1 - (i % size))]!);
  expect(flipped.length).toBe(2 * 3 * plane);
  const plain = await tower(false, pixels);
  const other = await tower(false, flipped);
  const both = await tower(true, pixels);
  expect(
    relativeError(
      both.embedding,
      plain.embedding.map((x, i) => (x + other.embedding[i]!) / 2),
    ),
  ).toBeLessThan(1e-5);
  expect(relativeError(both.grid, plain.grid)).toBeLessThan(1e-5);
  // The two views differ, so an average that saw one only would be noticed.
  expect(relativeError(other.embedding, plain.embedding)).toBeGreaterThan(0.02);
});

it('refuses weights of another trunk, and photos that its strides do not divide', () => {
  const build = (image: Parameters<typeof pocketImageTower>[1]) =>
    buildPocketImageTower(pocketImageTower({ ...pocketShape, ...golden.config }, image), goldenWeights(golden), {
      precision: 'fp32',
      device: 'cpu',
    });
  expect(() => build({ size, trunk: 'efficientnet-lite2' })).toThrow(
    expect.objectContaining({
      code: 'weights-invalid',
      message: expect.stringMatching(/image\.trunk\.blocks\.3\.project\.weight/),
    }),
  );
  expect(() => build({ size: 100 })).toThrow(/100 pixels.*multiple of 32/);
});
