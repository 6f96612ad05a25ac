import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from './image';
import { cropsDiffer, preprocess } from './preprocess';
import { type Filter, resize } from './resize';

type Golden = {
  from: [number, number];
  to: [number, number];
  filter: Filter;
  every: number;
  sum: number;
  values: number[];
};
const goldens = (
  JSON.parse(readFileSync(new URL('goldens/resize.json', import.meta.url), 'utf8')) as { cases: Golden[] }
).cases;

/** Pixels of CLIP's preprocessing by Pillow, every 977th. */
const clipGoldens = JSON.parse(readFileSync(new URL('goldens/clip-preprocess.json', import.meta.url), 'utf8')) as {
  from: [number, number];
  values: number[];
}[];

/** The same by transformers' CLIPImageProcessor (goldens/hugging_face.py). */
const huggingFaceGoldens = JSON.parse(
  readFileSync(new URL('goldens/hugging-face-crop.json', import.meta.url), 'utf8'),
) as typeof clipGoldens;
const clipSpec = {
  size: 224,
  fit: 'crop',
  filter: 'bicubic',
  scale: '',
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
} as const;

/** The picture of goldens/make.py. */
function picture(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      // 64-bit integers, as numpy has them.
      const noise = Number((BigInt(x * 73856093) ^ BigInt(y * 19349663)) % 251n);
      const edge = ((Math.floor(x / 5) + Math.floor(y / 3)) % 2) * 255;
      data.set([(x * 7 + y * 3) % 256, Math.floor((edge + noise) / 2), noise], (y * width + x) * 3);
    }
  return { width, height, data };
}

describe('resize', () => {
  it.each(
    goldens.map((golden) => [`${golden.filter} ${golden.from.join('x')} to ${golden.to.join('x')}`, golden] as const),
  )('equals Pillow to the bit: %s', (_, { from, to, filter, every, sum, values }) => {
    const out = resize(picture(...from), { width: to[0], height: to[1] }, filter);
    expect([out.width, out.height, out.data.length]).toEqual([...to, to[0] * to[1] * 3]);
    expect(Array.from(out.data).filter((_, i) => i % every === 0)).toEqual(values);
    expect(out.data.reduce((total, v) => total + v, 0)).toBe(sum);
  });

  it('keeps flat colours flat and does not wrap around at hard edges', () => {
    const flat = resize(
      { width: 50, height: 31, data: new Uint8Array(50 * 31 * 3).fill(255) },
      { width: 224, height: 224 },
      'bicubic',
    );
    expect(flat.data.every((v) => v === 255)).toBe(true);
    // Bicubic overshoots beside an edge; the overshoot is cut, and the dark side stays dark.
    const edge: RgbImage = { width: 8, height: 1, data: Uint8Array.from({ length: 24 }, (_, i) => (i < 12 ? 0 : 255)) };
    const out = resize(edge, { width: 64, height: 1 }, 'bicubic').data;
    expect(Math.max(...out.subarray(0, 24 * 3))).toBeLessThan(10);
    expect(Math.min(...out.subarray(40 * 3))).toBeGreaterThan(245);
  });
});

describe('preprocess', () => {
  it('gives planes of [-1, 1], red first', () => {
    const data = new Uint8Array(4 * 4 * 3);
    for (let i = 0; i < 16; i++) data.set([255, 0, 51], i * 3);
    const out = preprocess(
      { width: 4, height: 4, data },
      { size: 2, fit: 'squash', filter: 'bicubic', scale: 'x/127.5-1' },
    );
    expect([...out.subarray(0, 8)]).toEqual([1, 1, 1, 1, -1, -1, -1, -1]);
    expect(out[8]).toBeCloseTo(51 / 127.5 - 1, 6);
    expect(out).toHaveLength(12);
  });

  it.each(clipGoldens.map((golden) => [golden.from.join('x'), golden] as const))(
    "cuts as CLIP's preprocessing does: %s",
    (_, { from, values }) => {
      const out = preprocess(picture(...from), clipSpec);
      expect(out).toHaveLength(3 * 224 * 224);
      values.forEach((value, i) => expect(Math.abs(out[977 * i]! - value)).toBeLessThan(2e-5));
    },
  );

  it.each(huggingFaceGoldens.map((golden) => [golden.from.join('x'), golden] as const))(
    "cuts as transformers' CLIPProcessor does, where that is wanted: %s",
    (_, { from: [width, height], values }) => {
      const near = (pixels: Float32Array) => values.every((value, i) => Math.abs(pixels[977 * i]! - value) < 2e-5);
      expect(near(preprocess(picture(width, height), clipSpec, 'hugging-face'))).toBe(true);
      // torchvision's cut is another exactly where that is said.
      expect(near(preprocess(picture(width, height), clipSpec))).toBe(!cropsDiffer({ width, height }, clipSpec));
    },
  );

  it('the two cuts differ where the rest is 3 mod 4, wide or tall, and never where photos are squashed', () => {
    const differ = [224, 225, 226, 227, 228, 231].map((side) => cropsDiffer({ width: side, height: 224 }, clipSpec));
    expect(differ).toEqual([false, false, false, true, false, true]);
    expect(cropsDiffer({ width: 224, height: 227 }, clipSpec)).toBe(true);
    expect(cropsDiffer({ width: 227, height: 224 }, { ...clipSpec, fit: 'squash' })).toBe(false);
  });
});
