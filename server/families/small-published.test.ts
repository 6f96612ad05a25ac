import { describe, expect, it } from 'vitest';
import { compare } from '../../models/compare';
import { NodeRuntime } from '../../models/runtime/node';
import { Scheduler } from '../../models/runtime/scheduler';
import type { Precision } from '../../models/runtime/types';
import { Family } from '../../models/weights/family';
import { smallPublishedFamily } from './small-published';

const files = smallPublishedFamily('small');
const image = { width: 40, height: 30, data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7) % 256) };

/** Tokens of every decoder on one picture. */
async function captions(precision: Precision): Promise<Record<string, number[]>> {
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
  const family = await Family.open({ files: { read: async (path) => files[path]! }, runtime, precision });
  const lanes = ['iterative', 'clipcap', 'capdec', 'decap'].map((decoder) => ({ id: decoder, decoder }));
  const found: Record<string, number[]> = {};
  for await (const event of compare({ family: 'small', input: { kind: 'image', image }, lanes }, { scheduler: new Scheduler(), openFamily: async () => family })) {
    if (event.type === 'lane-failed') throw new Error(event.error.message);
    if (event.type === 'lane-finished') found[event.lane] = event.result.tokens;
  }
  await runtime.close();
  return found;
}

describe('a family of published architectures', () => {
  it('captions a photo by every decoder', async () => {
    const found = await captions('fp32');
    expect(Object.keys(found).sort()).toEqual(['capdec', 'clipcap', 'decap', 'iterative']);
    for (const [decoder, tokens] of Object.entries(found)) expect(new Set(tokens).size, decoder).toBeGreaterThan(3);
  });
});
