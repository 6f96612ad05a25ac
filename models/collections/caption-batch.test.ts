import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { compare, type LaneRequest } from '../compare';
import { decoders } from '../decoders/registry';
import type { LaneResult } from '../events';
import { planLanes } from '../lanes/plan';
import { NodeRuntime } from '../runtime/node';
import { Scheduler } from '../runtime/scheduler';
import type { RgbImage } from '../spaces/image';
import { prepare } from '../spaces/prepared';
import { golden as openClip, drawnPicture, smallCocaFamily } from '../test-open-clip-coca';
import { Family } from '../weights/family';
import { captionBatch } from './caption-batch';
import type { BatchRow } from './types';
import { viewsOf } from './views';

const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
const scheduler = new Scheduler();
afterAll(() => runtime.close());

const pocketFolder = new URL('../pocket/', import.meta.url);
const pocket = Family.open({
  files: { read: async (path) => new Uint8Array(await readFile(new URL(path, pocketFolder))) },
  runtime,
  precision: 'fp32',
});
const smallCoca = smallCocaFamily('small-coca').then((files) =>
  Family.open({ files: { read: async (path) => files[path]! }, runtime, precision: 'fp32' }),
);

/** A ball on a lawn, a sunset, stripes …: pictures that are captioned differently, of several extents. */
function drawing(n: number): RgbImage {
  const [width, height] = [60 + 13 * n, 80 - 5 * n];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const ball = (x - 20 - 6 * n) ** 2 / (60 + 40 * n) + (y - 40) ** 2 / 90 < 1;
      const sky = [140 - 15 * n, 190 - 30 * n, (240 + 40 * n) % 256];
      const ground = n % 2 ? [70, 140, 60] : [(x * n) % 256, 120, 70];
      data.set(ball ? [210 - 25 * n, 70, 30 + 25 * n] : y < height / 2 ? sky : ground, (y * width + x) * 3);
    }
  return { width, height, data };
}

async function alone(family: Family, image: RgbImage, lanes: readonly LaneRequest[]): Promise<Map<string, LaneResult>> {
  const found = new Map<string, LaneResult>();
  const request = { family: family.name, input: { kind: 'image', image } as const, lanes };
  for await (const event of compare(request, { scheduler, openFamily: async () => family }))
    if (event.type === 'lane-finished') found.set(event.lane, event.result);
    else if (event.type === 'lane-failed') throw new Error(event.error.message);
  return found;
}

async function batch(family: Family, images: readonly RgbImage[], lanes: readonly LaneRequest[], signal?: AbortSignal) {
  const views = viewsOf(family.manifest, planLanes(lanes, family.manifest));
  const photos = images.map((image, i) => ({ key: `photo ${i}`, image: prepare(image, views) }));
  return captionBatch({ family: family.name, lanes, photos }, { scheduler, openFamily: async () => family, signal });
}

function expectAlike(row: BatchRow, result: LaneResult) {
  const { caption, tokens, nBest } = result;
  expect(row).toMatchObject({ caption, tokens, captions: nBest.map((one) => one.caption) });
  expect(row.logProb).toBeCloseTo(result.logProb, 4);
  expect(row.certainty).toBe(result.certainty);
  expect(row.optimised).toBe(result.optimised);
  row.similarities!.forEach((similarity, i) => expect(similarity).toBeCloseTo(nBest[i]!.similarity, 5));
}

describe('captionBatch()', () => {
  const images = Array.from({ length: 6 }, (_, n) => drawing(n));

  it.each(decoders.map(({ name }) => name))('%s says of each photo what it says of it alone', async (decoder) => {
    const family = await pocket;
    const before = runtime.liveTensors();
    const lanes = [{ id: 'lane', decoder }];
    const { photos } = await batch(family, images, lanes);
    for (const [i, image] of images.entries())
      expectAlike(photos[i]!.rows[0]!, (await alone(family, image, lanes)).get('lane')!);
    expect(new Set(photos.map(({ rows }) => rows[0]!.caption)).size).toBeGreaterThan(2);
    expect(runtime.liveTensors()).toBe(before);
  });

  it("runs a published CoCa's decoder, with a padding mask, for many photos at once", async () => {
    const family = await smallCoca;
    const pictures = openClip.pictures.map((_, n) => drawnPicture(n)).slice(0, 6);
    const lanes = [
      { id: 'group', decoder: 'coca', options: { mode: 'open_clip-3.3.0' } },
      { id: 'own', decoder: 'coca' },
    ];
    const { photos } = await batch(family, pictures, lanes);
    for (const [i, picture] of pictures.entries()) {
      const results = await alone(family, picture, lanes);
      for (const row of photos[i]!.rows) expectAlike(row, results.get(row.lane)!);
    }
  });

  it('says the same in whatever batch a photo stands', async () => {
    const family = await pocket;
    const lanes = [{ id: 'lane', decoder: 'clipcap', options: { search: 'sample', samples: 2 } }];
    const all = await batch(family, images, lanes);
    const views = viewsOf(family.manifest, planLanes(lanes, family.manifest));
    const two = await captionBatch(
      {
        family: family.name,
        lanes,
        photos: [4, 1].map((i) => ({ key: `photo ${i}`, image: prepare(images[i]!, views) })),
      },
      { scheduler, openFamily: async () => family },
    );
    for (const { key, rows } of two.photos)
      expect(rows[0]!.caption).toBe(all.photos.find((photo) => photo.key === key)!.rows[0]!.caption);
  });

  it('draws by seed and key, and tells the seed with which one photo says it again', async () => {
    const family = await pocket;
    const options = { search: 'sample', samples: 1, temperature: 2, topP: 1, topK: 0 };
    const same = Array.from({ length: 4 }, () => images[0]!);
    const { photos } = await batch(family, same, [{ id: 'lane', decoder: 'clipcap', options }]);
    const rows = photos.map((photo) => photo.rows[0]!);
    expect(new Set(rows.map(({ seed }) => seed)).size).toBe(4);
    expect(new Set(rows.map(({ caption }) => caption)).size).toBeGreaterThan(1);
    const again = { id: 'lane', decoder: 'clipcap', options: { ...options, seed: rows[2]!.seed } };
    expect((await alone(family, same[2]!, [again])).get('lane')!.caption).toBe(rows[2]!.caption);
  });

  it('says of embeddings what it says of their photos, and refuses those of another space alone', async () => {
    const family = await pocket;
    const lanes = [
      { id: 'lane', decoder: 'decap' },
      { id: 'tokens', decoder: 'coca' },
    ];
    const views = viewsOf(family.manifest, planLanes(lanes, family.manifest));
    const how = { scheduler, openFamily: async () => family };
    const shown = await captionBatch(
      {
        family: family.name,
        lanes,
        photos: images.map((image, i) => ({ key: `${i}`, image: prepare(image, views) })),
        includeEmbedding: true,
      },
      how,
    );
    const embedding = { space: 'pocket', modality: 'image', state: 'raw' } as const;
    const foreign = { ...embedding, values: new Float32Array(9).fill(1) };
    const photos = [
      ...shown.photos.map(({ key, embedding: values }) => ({ key, embedding: { ...embedding, values: values! } })),
      { key: 'foreign', embedding: foreign },
    ];
    const answer = await captionBatch({ family: family.name, lanes, photos }, how);
    expect(answer.photos.slice(0, -1).map(({ rows }) => rows[0]!.caption)).toEqual(
      shown.photos.map(({ rows }) => rows[0]!.caption),
    );
    for (const { rows } of answer.photos.slice(0, -1)) expect(rows[1]!.error?.code).toBe('needs-image');
    expect(answer.photos.at(-1)).toMatchObject({ key: 'foreign', rows: [], error: { code: 'embedding-mismatch' } });
  });

  it('tells a photo that a tower cannot read, and the others go on', async () => {
    const family = await pocket;
    const lanes = [{ id: 'lane', decoder: 'decap' }];
    const views = viewsOf(family.manifest, planLanes(lanes, family.manifest));
    const photos = images.slice(0, 3).map((image, i) => ({
      key: `${i}`,
      image: i === 1 ? { width: 9, height: 9, views: {} } : prepare(image, views),
    }));
    const answer = await captionBatch(
      { family: family.name, lanes, photos },
      { scheduler, openFamily: async () => family },
    );
    expect(answer.photos.map(({ error, rows }) => [error?.code, rows.length])).toEqual([
      [undefined, 1],
      ['internal', 0],
      [undefined, 1],
    ]);
  });

  it('tells a lane that fails for a photo, and its neighbours go on', async () => {
    const family = await pocket;
    const forbidding = { id: 'mute', decoder: 'clipcap', options: { search: 'greedy', maxTokens: 1, minTokens: 24 } };
    const { photos } = await batch(family, images.slice(0, 2), [forbidding, { id: 'lane', decoder: 'decap' }]);
    for (const { rows } of photos) expect(rows.map(({ lane }) => lane)).toEqual(['mute', 'lane']);
    for (const { rows } of photos) expect(rows[1]!.caption).toBeTruthy();
  });

  it('ends when it is cancelled, and leaves no tensor', async () => {
    const family = await pocket;
    const before = runtime.liveTensors();
    const cancel = new AbortController();
    const ended = batch(family, images, [{ id: 'lane', decoder: 'iterative' }], cancel.signal);
    setTimeout(() => cancel.abort(), 30);
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' });
    expect(runtime.liveTensors()).toBe(before);
  });
});
