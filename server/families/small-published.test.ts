import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { captionBatch } from '../../models/collections/caption-batch';
import { viewsOf } from '../../models/collections/views';
import { compare } from '../../models/compare';
import type { LaneResult } from '../../models/events';
import { planLanes } from '../../models/lanes/plan';
import { NodeRuntime } from '../../models/runtime/node';
import { Scheduler } from '../../models/runtime/scheduler';
import type { Precision } from '../../models/runtime/types';
import { GraphStepModel } from '../../models/search/graph-step-model';
import { prepare } from '../../models/spaces/prepared';
import { cropsDiffer } from '../../models/spaces/preprocess';
import { Family } from '../../models/weights/family';
import { integerProductsExact } from '../../models/weights/integer-products';
import { smallPublishedFamily } from './small-published';

const usual = smallPublishedFamily('small');
const image = { width: 40, height: 30, data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7) % 256) };

/** Tokens of every decoder on one picture. */
async function captions(
  precision: Precision,
  files = usual,
): Promise<{ found: Record<string, number[]>; precisions: (Precision | undefined)[] }> {
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
  const family = await Family.open({ files: { read: async (path) => files[path]! }, runtime, precision });
  const lanes = ['iterative', 'clipcap', 'capdec', 'decap'].map((decoder) => ({ id: decoder, decoder }));
  const found: Record<string, number[]> = {};
  for await (const event of compare(
    { family: 'small', input: { kind: 'image', image }, lanes },
    { scheduler: new Scheduler(), openFamily: async () => family },
  )) {
    if (event.type === 'lane-failed') throw new Error(event.error.message);
    if (event.type === 'lane-finished') found[event.lane] = event.result.tokens;
  }
  await runtime.close();
  return { found, precisions: ['image-tower', 'text-tower', 'clipcap.lm'].map((name) => family.precisionOf(name)) };
}

/** With the input for some rows of the head, and a graph without it. */
it.each([
  ['a published GPT', 'small', async (path: string) => usual[path]!],
  ["pocket's", 'pocket', async (path: string) => new Uint8Array(await readFile(join('models/pocket', path)))],
])(
  'a step of %s tells of some rows what it tells of all, and of those left out when it is made again',
  async (_, name, read) => {
    const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
    const family = await Family.open({ files: { read }, runtime, precision: 'fp32' });
    expect(family.name).toBe(name);
    const { eos, bos, ...shape } = family.languageModel('iterative');
    const [session, lane] = [await family.session('lm'), new Scheduler().lane()];
    const model = async () => {
      const made = new GraphStepModel(
        session,
        runtime,
        { prefill: lane, step: lane },
        { ...shape, endToken: eos },
        { ids: [bos] },
      );
      await made.prefill({ k: 6 });
      return made;
    };
    const [all, some] = [await model(), await model()];
    const step = [
      [0, 0, 0],
      [7, 8, 9],
    ] as const;
    const whole = await all.step(...step, { k: 6, hidden: true });
    const part = await some.step(...step, { k: 6, hidden: true, headRows: [2] });
    expect(part.rows).toBe(1);
    expect(part.ids).toEqual(whole.ids.slice(12));
    expect(part.entropy[0]).toBeCloseTo(whole.entropy[2]!, 4);
    expect(part.hidden).toEqual(whole.hidden);
    const left = await some.again([1], { k: 6 });
    expect(left.ids).toEqual(whole.ids.slice(6, 12));
    // What follows goes on from that row alone.
    expect((await some.step([0], [5], { k: 6 })).ids).toEqual((await all.step([1], [5], { k: 6 })).ids);
    for (const made of [all, some]) made.dispose();
    expect(runtime.liveTensors()).toBe(0);
    await runtime.close();
  },
);

describe('a family of published architectures', () => {
  it('captions a photo by every decoder', async () => {
    const { found, precisions } = await captions('fp32');
    expect(precisions).toEqual(['fp32', 'fp32', 'fp32']);
    expect(Object.keys(found).sort()).toEqual(['capdec', 'clipcap', 'decap', 'iterative']);
    for (const [decoder, tokens] of Object.entries(found)) expect(new Set(tokens).size, decoder).toBeGreaterThan(3);
  });

  it('at 8 bit has a tower at 8 bit where that is fast and the measured loss of cosine is small', async () => {
    const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
    const photos = (await integerProductsExact(runtime)) ? 'q8' : 'fp32';
    await runtime.close();
    expect((await captions('q8')).precisions).toEqual([photos, 'q8', 'q8']);
    for (const outliers of ['text', 'visual'] as const) {
      const coarse = await captions('q8', smallPublishedFamily('small', { outliers }));
      expect(coarse.precisions).toEqual(outliers === 'text' ? [photos, 'fp32', 'q8'] : ['fp32', 'q8', 'q8']);
      expect(Object.keys(coarse.found)).toHaveLength(4);
    }
  });

  it('says as a collection what MAGIC says of each photo alone, and tells of the cut that it has of its own', async () => {
    const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
    const family = await Family.open({ files: { read: async (path) => usual[path]! }, runtime, precision: 'fp32' });
    const context = { scheduler: new Scheduler(), openFamily: async () => family };
    const lanes = [{ id: 'magic', decoder: 'iterative', options: { mode: 'magic-acefac6' } }];
    const images = Array.from({ length: 60 }, (_, n) => ({
      width: 40 + n,
      height: 30,
      data: Uint8Array.from({ length: (40 + n) * 30 * 3 }, (_, i) => (i * (7 + n)) % 256),
    }));
    const differ = (one: (typeof images)[number]) => cropsDiffer(one, family.manifest.space.image);
    const some = [...images.filter(differ).slice(0, 2), images.find((one) => !differ(one))!];
    const views = viewsOf(family.manifest, planLanes(lanes, family.manifest));
    const photos = some.map((one, n) => ({ key: `${n}`, image: prepare(one, views) }));
    const answer = await captionBatch({ family: 'small', lanes, photos }, context);
    for (const [n, one] of some.entries()) {
      let alone: LaneResult | undefined;
      const request = { family: 'small', input: { kind: 'image', image: one } as const, lanes };
      for await (const event of compare(request, context)) if (event.type === 'lane-finished') alone = event.result;
      const row = answer.photos[n]!.rows[0]!;
      expect(row.tokens).toEqual(alone!.tokens);
      expect(row.ownEmbedding?.crop).toBe(n < 2 ? 'hugging-face' : undefined);
      if (n < 2) expect(row.ownEmbedding!.cosine).toBeCloseTo(alone!.ownEmbedding!.cosine, 5);
    }
    expect(runtime.liveTensors()).toBe(0);
    await runtime.close();
  });
});
