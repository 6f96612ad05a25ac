import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare } from '../../models/compare';
import { NodeRuntime } from '../../models/runtime/node';
import { Scheduler } from '../../models/runtime/scheduler';
import type { Precision } from '../../models/runtime/types';
import { GraphStepModel } from '../../models/search/graph-step-model';
import { Family } from '../../models/weights/family';
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

  it('at 8 bit keeps the photo tower exact, and the text tower too where the measured loss of cosine is not small', async () => {
    expect((await captions('q8')).precisions).toEqual(['fp32', 'q8', 'q8']);
    const coarse = await captions('q8', smallPublishedFamily('small', { outliers: true }));
    expect(coarse.precisions).toEqual(['fp32', 'fp32', 'q8']);
    expect(Object.keys(coarse.found)).toHaveLength(4);
  });
});
