import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../comparisons/catalogue';
import { keepSample } from '../comparisons/sample';
import { Studio } from '../studio/studio';
import { noModels, scratchFolder } from '../studio/test-studio';
import { openEngine } from '../engine/host';
import { readEnv } from '../env/env';
import { serveRouter, testBrowser, type TestHttp } from './test-http';

// Through the router, with the embedded family's own text tower.
const scratch = scratchFolder();
let studio: Studio;
let http: TestHttp;
beforeAll(async () => {
  studio = await Studio.open(readEnv({ DATABASE_URL: scratch.url, STUDIO_CLIENT_UPLOADS_PER_MINUTE: '3' }), {
    openEngine: () => openEngine({ device: 'cpu' }),
    catalogue: catalogue(),
    sampleImage: keepSample,
    limits: { uploadBytes: 1, pixels: 1, lanes: 16 },
    models: noModels,
  });
  http = await serveRouter(studio);
});
afterAll(async () => {
  await http.close();
  await studio.close();
  scratch.remove();
});
const embed = (texts: string[], family = 'pocket') =>
  testBrowser(http.base).client.studio.embedTexts.mutate({ family, texts });
const cosine = (a: number[], b: number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0) / Math.hypot(...a) / Math.hypot(...b);

describe('texts as embeddings', () => {
  it('come in their order, of the joint space, and near to what means the same', async () => {
    const [dog, sea, puppy, again] = await embed([
      'a dog runs over the grass',
      'a boat on the sea',
      'a puppy is running in a field',
      '  a dog runs over the grass ',
    ]);
    for (const values of [dog!, sea!, puppy!]) {
      expect(values).toHaveLength(256);
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(again).toEqual(dog);
    expect(cosine(dog!, puppy!)).toBeGreaterThan(cosine(dog!, sea!) + 0.1);
  });

  it('are refused in words without a word, when too long or too many, and for a family that is not there', async () => {
    await expect(embed(['fine', '  '])).rejects.toThrow(/a text needs a word/);
    await expect(embed(['a'.repeat(401)])).rejects.toThrow(/at most 400 characters/);
    await expect(embed(Array.from({ length: 9 }, () => 'a dog'))).rejects.toThrow();
    await expect(embed([])).rejects.toThrow();
    await expect(embed(['a dog'], 'nosuch')).rejects.toThrow(/no family "nosuch".*pocket/);
  });

  it('count against what one client may send, where browsers are owners', async () => {
    const open = await serveRouter(studio, { STUDIO_OWNERS: 'browser', DATABASE_URL: scratch.url });
    try {
      const { client } = testBrowser(open.base);
      const one = () => client.studio.embedTexts.mutate({ family: 'pocket', texts: ['a dog'] });
      for (let i = 0; i < 3; i++) expect(await one()).toHaveLength(1);
      await expect(one()).rejects.toThrow(/Try again in \d+ s/);
    } finally {
      await open.close();
    }
  });
});
