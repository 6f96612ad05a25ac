import { describe, expect, it } from 'vitest';
import { compare } from '../../models/compare';
import { NodeRuntime } from '../../models/runtime/node';
import { Scheduler } from '../../models/runtime/scheduler';
import type { Precision } from '../../models/runtime/types';
import { Family } from '../../models/weights/family';
import { smallPublishedFamily } from './small-published';

const usual = smallPublishedFamily('small');
const image = { width: 40, height: 30, data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7) % 256) };

/** Tokens of every decoder on one picture. */
async function captions(precision: Precision, files = usual): Promise<{ found: Record<string, number[]>; precisions: (Precision | undefined)[] }> {
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
  const family = await Family.open({ files: { read: async (path) => files[path]! }, runtime, precision });
  const lanes = ['iterative', 'clipcap', 'capdec', 'decap'].map((decoder) => ({ id: decoder, decoder }));
  const found: Record<string, number[]> = {};
  for await (const event of compare({ family: 'small', input: { kind: 'image', image }, lanes }, { scheduler: new Scheduler(), openFamily: async () => family })) {
    if (event.type === 'lane-failed') throw new Error(event.error.message);
    if (event.type === 'lane-finished') found[event.lane] = event.result.tokens;
  }
  await runtime.close();
  return { found, precisions: ['image-tower', 'text-tower', 'clipcap.lm'].map((name) => family.precisionOf(name)) };
}

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
