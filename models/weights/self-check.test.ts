import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NodeRuntime } from '../runtime/node';
import type { Precision } from '../runtime/types';
import { Family } from './family';
import { answerName, ignoredOutputs, selfCheckSchema } from './self-check';
import { wrongDevice } from './test-wrong-device';

const folder = 'models/pocket';
const files = { read: async (path: string) => new Uint8Array(await readFile(join(folder, path))) };

describe('the self-check', () => {
  it('knows the answer of every graph of the embedded family, each output but the ids: none is loaded unchecked', async () => {
    const runtime = new NodeRuntime({ device: { name: 'cpu' } });
    const family = await Family.open({ files, runtime, precision: 'fp32' });
    const known = selfCheckSchema.parse(JSON.parse(await readFile(join(folder, 'self-check.json'), 'utf8')));
    expect(Object.keys(known).sort()).toEqual(
      family.graphNames
        .flatMap((name) => [name, ...(family.graph(name).precision === 'family' ? [answerName(name, 'q8')] : [])])
        .sort(),
    );
    for (const name of family.graphNames) {
      const { outputs } = await family.session(name);
      const read = outputs.filter((output) => !ignoredOutputs.test(output) && !output.startsWith('present_'));
      expect(Object.keys(known[name]!), name).toEqual(expect.arrayContaining(read));
    }
    await runtime.close();
  });

  it.each<Precision>(['fp32', 'fp16', 'q8'])(
    'passes every graph on the CPU at %s and leaves no tensor',
    { timeout: 60_000 },
    async (precision) => {
      const runtime = new NodeRuntime({ device: { name: 'cpu' } });
      const family = await Family.open({ files, runtime, precision });
      for (const name of family.graphNames) await family.session(name);
      expect(runtime.liveTensors()).toBe(0);
      await runtime.close();
    },
  );

  it.each([
    ['text-tower', 'embedding', 1.02],
    ['clipcap.mapper', 'prefix', 0.99],
    ['image-tower', 'embedding', NaN],
    // What draws CoCa's heat map: a wrong map would be believed as easily as a wrong caption.
    ['coca.pooler-map', 'attention', 1.02],
    ['coca.decoder-map', 'cross_attention', 0.98],
  ])('refuses a device that gets %s wrong, and says what to do', async (graph, output, factor) => {
    const inner = new NodeRuntime({ device: { name: 'cpu' } });
    const family = await Family.open({ files, runtime: wrongDevice(inner, graph, output, factor), precision: 'fp32' });
    await expect(family.session(graph)).rejects.toMatchObject({
      code: 'device-wrong',
      message: expect.stringMatching(
        new RegExp(
          `webgpu \\(a broken one\\) computes ${graph} wrongly at fp32: ${output} is off by .*choose another device`,
        ),
      ) as string,
    });
    // Its neighbours are not touched.
    await family.session('decap.mapper');
    await inner.close();
  });
});
