import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from './compare';
import type { LaneResult } from './events';
import { NodeRuntime } from './runtime/node';
import { Scheduler } from './runtime/scheduler';
import type { RgbImage } from './spaces/image';
import { Family } from './weights/family';

type Trace = { tokens: number[]; logProb: number };
type Goldens = {
  weights: Record<string, string>;
  pictures: { embedding: number[]; decoders: Record<string, { greedy: Trace; beam: Trace }> }[];
};
const goldens = JSON.parse(readFileSync(new URL('./decoders/goldens/traces.json', import.meta.url), 'utf8')) as Goldens;
const folder = new URL('./pocket/', import.meta.url);

/** The pictures of decoders/goldens/make.py. */
function picture(n: number, width = 96, height = 72): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const disc = (x - 30 - 9 * n) ** 2 + (y - 36) ** 2 < (10 + 3 * n) ** 2;
        const bands = (x * (n + 1) + y * 3 + c * 40 + Math.floor(y / (9 + n)) * 25) % 256;
        data[(y * width + x) * 3 + c] = disc ? (c * 70 + 60 * n + 30) % 256 : bands;
      }
  return { width, height, data };
}

describe('from pixels to tokens as PyTorch without caches', () => {
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
  const scheduler = new Scheduler();
  let family: Family;
  beforeAll(async () => {
    family = await Family.open({
      files: { read: async (path) => new Uint8Array(await readFile(new URL(path, folder))) },
      runtime,
      precision: 'fp32',
    });
  });
  afterAll(() => runtime.close());

  it('the traces are those of the weights (else: python models/decoders/goldens/make.py)', () => {
    expect(
      Object.fromEntries(
        Object.entries(family.manifest.files).flatMap(([key, { sha256 }]) =>
          key === 'selfCheck' ? [] : [[key, sha256]],
        ),
      ),
    ).toEqual(goldens.weights);
  });

  it.each(goldens.pictures.map((golden, n) => ({ n, golden })))('picture $n', async ({ n, golden }) => {
    const lanes = Object.keys(golden.decoders).flatMap((decoder) =>
      ['greedy', 'beam'].map((search) => ({ id: `${decoder} ${search}`, decoder, options: { search } })),
    );
    const results = new Map<string, LaneResult>();
    let embedding: readonly number[] = [];
    for await (const event of compare(
      { family: 'pocket', input: { kind: 'image', image: picture(n) }, lanes, includeEmbedding: true },
      { scheduler, openFamily: async () => family },
    )) {
      if (event.type === 'encoded') embedding = event.values!;
      if (event.type === 'lane-finished') results.set(event.lane, event.result);
    }
    const largest = Math.max(...golden.embedding.map(Math.abs));
    embedding.forEach((v, i) => expect(Math.abs(v - golden.embedding[i]!)).toBeLessThan(1e-4 * largest));
    for (const [decoder, traces] of Object.entries(golden.decoders))
      for (const search of ['greedy', 'beam'] as const) {
        const { tokens, logProb } = results.get(`${decoder} ${search}`)!;
        expect(tokens, `${decoder} ${search}`).toEqual(traces[search].tokens);
        expect(Math.abs(logProb - traces[search].logProb), `${decoder} ${search}`).toBeLessThan(1e-3);
      }
  });
});
