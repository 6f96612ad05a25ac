import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { StudioEvent } from '../../models/events';
import { Graph } from '../../models/onnx/graph';
import { NodeRuntime } from '../../models/runtime/node';
import { smallPublishedFamily } from '../families/small-published';
import { findSoftwareVulkan } from '../setup/chromium.mjs';
import { writeAnswers } from '../weights/write-answers';
import { type EngineHost, openEngine } from './host';
import { drawScene } from './test-images';

// The server's GPU path. Without a GPU, the software Vulkan that comes with Chromium runs the same kernels, slowly.
const software = findSoftwareVulkan();
if (software) process.env.VK_ICD_FILENAMES ??= software;
const engines: EngineHost[] = [];
const installedDir = mkdtempSync(join(tmpdir(), 'studio-webgpu-'));
async function open(device: 'cpu' | 'webgpu') {
  const engine = await openEngine({ device, installedDir });
  engines.push(engine);
  return engine;
}
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  rmSync(installedDir, { recursive: true, force: true });
});

/** Small networks, each with its golden answers: a software adapter takes its time. Pocket is a long proof. */
const family = process.env.STUDIO_WEBGPU_FAMILY || 'small';
async function installSmall() {
  const folder = join(installedDir, 'small');
  mkdirSync(folder);
  for (const [path, bytes] of Object.entries(smallPublishedFamily('small'))) writeFileSync(join(folder, path), bytes);
  await writeAnswers(folder);
}
const available = (await (await open('cpu')).devices()).find(({ name }) => name === 'webgpu')!;

describe.skipIf(!available.available)('WebGPU on the server', () => {
  it(
    'captions a photo with the tokens of the CPU, two lanes at once, and leaves nothing behind',
    { timeout: 300_000 },
    async () => {
      if (family === 'small') await installSmall();
      const [cpu, gpu] = [await open('cpu'), await open('webgpu')];
      const run = async (engine: EngineHost) => {
        const events: StudioEvent[] = [];
        // Two lanes: without one run in flight at a time, overlapping runs would hang the thread for good. Of one
        // decoder, since a software adapter takes its time to make a network's kernels.
        const lanes = ['greedy', 'beam'].map((search) => ({
          id: search,
          decoder: 'clipcap',
          options: { search, beam: 2, maxTokens: 4 },
        }));
        for await (const event of engine.compare({
          family,
          input: { kind: 'image', image: drawScene() },
          lanes,
          includeEmbedding: true,
        }))
          events.push(event);
        const results = events
          .flatMap((event) => (event.type === 'lane-finished' ? [event] : []))
          .sort((a, b) => a.lane.localeCompare(b.lane));
        return {
          events,
          results: results.map(({ result }) => result),
          values: events.flatMap((event) => (event.type === 'encoded' ? event.values! : [])),
        };
      };
      const [expected, actual] = [await run(cpu), await run(gpu)];
      expect(actual.events[0]).toMatchObject({ device: { name: 'webgpu' } });
      const largest = Math.max(...expected.values.map(Math.abs));
      expect(Math.max(...expected.values.map((v, i) => Math.abs(v - actual.values[i]!)))).toBeLessThan(1e-3 * largest);
      expect(actual.results).toHaveLength(2);
      actual.results.forEach((result, i) => {
        expect(result.tokens).toEqual(expected.results[i]!.tokens);
        expect(result.logProb).toBeCloseTo(expected.results[i]!.logProb, 2);
        expect(result.similarity).toBeCloseTo(expected.results[i]!.similarity, 3);
      });
      expect((await gpu.status()).liveTensors).toBe(0);
    },
  );

  it('refuses a step graph of which a part would silently run on the CPU', { timeout: 60_000 }, async () => {
    const graph = new Graph('falls-back');
    const logits = graph.input('logits', 'float32', ['batch', 64]);
    // WebGPU has no LogSoftmax: all logits would cross over in every step.
    graph.output(
      'log_probs',
      'float32',
      ['batch', 64],
      graph.node('LogSoftmax', [logits], { attributes: { axis: -1 } }),
    );
    const runtime = new NodeRuntime({ device: { name: 'webgpu' } });
    await expect(runtime.load(graph.encode(), { name: 'a step graph', wholeOnDevice: true })).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('fallback') as string,
    });
    await runtime.load(graph.encode(), { name: 'any other graph' });
    await runtime.close();
  });
});
