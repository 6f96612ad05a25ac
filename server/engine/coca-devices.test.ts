import { describe, expect, it } from 'vitest';
import { compare } from '../../models/compare';
import { NodeRuntime } from '../../models/runtime/node';
import type { Onnxruntime, OrtRuntime } from '../../models/runtime/ort-runtime';
import { Scheduler } from '../../models/runtime/scheduler';
import { WebRuntime } from '../../models/runtime/web';
import { drawnPicture, golden, smallCocaFamily } from '../../models/test-open-clip-coca';
import { Family } from '../../models/weights/family';
import { smallPublishedFamily } from '../families/small-published';
import { findSoftwareVulkan } from '../setup/chromium.mjs';

// Without a GPU, the software Vulkan that comes with Chromium runs the same kernels, slowly.
const software = findSoftwareVulkan();
if (software) process.env.VK_ICD_FILENAMES ??= software;

/** Pictures of open_clip's goldens. A software adapter takes a minute to make the kernels: that is a long proof. */
const pictures = { wasm: golden.pictures.length, webgpu: Number(process.env.STUDIO_COCA_PICTURES ?? 0) };
const names = (['wasm', 'webgpu'] as const).filter((name) => pictures[name] > 0);

it.skipIf(!software)('the graphs of every step load whole on WebGPU', { timeout: 60_000 }, async () => {
  const runtime = new NodeRuntime({ device: { name: 'webgpu' } });
  for (const files of [await smallCocaFamily('small-coca'), smallPublishedFamily('small')]) {
    const family = await Family.open({ files: { read: async (path) => files[path]! }, runtime, precision: 'fp32' });
    const steps = family.graphNames.filter((name) => family.graph(name).fallback === 'none');
    expect(steps.length).toBeGreaterThanOrEqual(2);
    for (const name of steps) expect((await family.session(name)).inputs).not.toHaveLength(0);
    await family.close();
  }
  await runtime.close();
});

describe.each(names)('CoCa of open_clip on %s', (name) => {
  it.skipIf(name === 'webgpu' && !software)('says what open_clip says', { timeout: 500_000 }, async () => {
    const runtime: OrtRuntime =
      name === 'webgpu'
        ? new NodeRuntime({ device: { name } })
        : new WebRuntime((await import('onnxruntime-web')) as unknown as Onnxruntime, { name });
    const files = await smallCocaFamily('small-coca');
    const family = await Family.open({ files: { read: async (path) => files[path]! }, runtime, precision: 'fp32' });
    const modes = { group: 'open_clip-3.3.0', beam: 'open_clip-main' };
    for (const [n, { group, beam, text }] of golden.pictures.slice(0, pictures[name]).entries()) {
      const found: Record<string, { tokens: number[]; caption: string }> = {};
      for await (const event of compare(
        {
          family: 'small-coca',
          input: { kind: 'image', image: drawnPicture(n) },
          lanes: Object.entries(modes).map(([id, mode]) => ({ id, decoder: 'coca', options: { mode } })),
        },
        { scheduler: new Scheduler(), openFamily: async () => family },
      )) {
        if (event.type === 'lane-failed') throw new Error(event.error.message);
        if (event.type === 'lane-finished') {
          const { tokens, caption } = event.result;
          found[event.lane] = { tokens, caption };
        }
      }
      expect(found, `picture ${n}`).toEqual({
        group: { tokens: group, caption: text.group },
        beam: { tokens: beam, caption: text.beam },
      });
    }
    await family.close();
    await runtime.close();
  });
});
