import { afterAll, describe, expect, it } from 'vitest';
import { compare } from '../../models/compare';
import type { StudioEvent } from '../../models/events';
import { NodeRuntime } from '../../models/runtime/node';
import type { Onnxruntime, OrtRuntime } from '../../models/runtime/ort-runtime';
import { Scheduler } from '../../models/runtime/scheduler';
import type { Session } from '../../models/runtime/types';
import { WebRuntime } from '../../models/runtime/web';
import { Family } from '../../models/weights/family';
import { selfCheckTolerance } from '../../models/weights/self-check';
import { smallPublishedFamily } from '../families/small-published';
import { findSoftwareVulkan } from '../setup/chromium.mjs';
import { drawScene } from './test-images';

// MAGIC's candidates are tokens of one sequence on the processor and rows of a batch on WebGPU, whose attention is not
// told who sees whom. Without a GPU, the software Vulkan that comes with Chromium runs the same kernels, slowly.
const software = findSoftwareVulkan();
if (software) process.env.VK_ICD_FILENAMES ??= software;

const files = smallPublishedFamily('small');
/** Photos by device. A software adapter takes a minute to make the kernels: that is a long proof. */
const photos = { wasm: 4, webgpu: Number(process.env.STUDIO_MAGIC_PHOTOS ?? 0) };
const names = (['wasm', 'webgpu'] as const).filter((name) => photos[name] > 0);
/** What a candidate gains or loses by its state may outweigh all else, so that each of them is stepped. */
const options = { search: 'magic', candidates: 6, degeneration: 0.9, guidance: 0.8, maxTokens: 6 };
const tolerance = selfCheckTolerance.fp32;
const runtimes: OrtRuntime[] = [];
afterAll(() => Promise.all(runtimes.map((runtime) => runtime.close())));

type Step = Extract<StudioEvent, { type: 'step' }>;
/** The family on a device, and how many rows and tokens of each row its language model was given, run by run. */
async function opened(runtime: OrtRuntime) {
  runtimes.push(runtime);
  const runs: (readonly number[])[] = [];
  const family = await Family.open({ files: { read: async (path) => files[path]! }, runtime, precision: 'fp32' });
  const session = family.session.bind(family);
  family.session = async (...of: Parameters<typeof session>): Promise<Session> => {
    const found = await session(...of);
    if (of[0] !== 'lm') return found;
    return {
      ...found,
      run: (feeds, fetches) => {
        runs.push(feeds.input_ids!.dims);
        return found.run(feeds, fetches);
      },
    };
  };
  const say = async (n: number) => {
    runs.length = 0;
    const steps: Step[] = [];
    for await (const event of compare(
      {
        family: 'small',
        input: { kind: 'image', image: drawScene(n) },
        lanes: [{ id: 'magic', decoder: 'iterative', options }],
      },
      { scheduler: new Scheduler(), openFamily: async () => family },
    )) {
      if (event.type === 'lane-failed') throw new Error(event.error.message);
      if (event.type === 'step') steps.push(event);
      if (event.type === 'lane-finished') return { steps, runs: [...runs], ...event.result };
    }
    throw new Error('The lane did not finish.');
  };
  return say;
}
const scores = ({ beams, dropped = [] }: Step) =>
  new Map([...beams, ...dropped].map(({ token, score, similarity }) => [token, { score, similarity: similarity! }]));

describe.each(names)('MAGIC on %s', (name) => {
  it.skipIf(name === 'webgpu' && !software)('says what it says on the processor', { timeout: 500_000 }, async () => {
    const onCpu = await opened(new NodeRuntime({ device: { name: 'cpu' }, threads: 1 }));
    const there = await opened(
      name === 'webgpu'
        ? new NodeRuntime({ device: { name } })
        : new WebRuntime((await import('onnxruntime-web')) as unknown as Onnxruntime, { name }, 1),
    );
    for (let n = 0; n < photos[name]; n++) {
      const [expected, found] = [await onCpu(n), await there(n)];
      // Every choice is clear: none hangs on what a device may be off by.
      for (const { beams, dropped } of expected.steps)
        expect(beams[0]!.score - dropped![0]!.score).toBeGreaterThan(4 * tolerance);
      expect(found.tokens, `photo ${n}`).toEqual(expected.tokens);
      expect(new Set(found.tokens).size).toBeGreaterThanOrEqual(4);
      expect(found.caption).toBe(expected.caption);
      expect(Math.abs(found.logProb - expected.logProb)).toBeLessThan(tolerance * Math.abs(expected.logProb));
      // Winners and losers alike, with the penalty by their states.
      for (const [i, step] of found.steps.entries()) {
        const wanted = scores(expected.steps[i]!);
        const told = scores(step);
        expect([...told.keys()].sort()).toEqual([...wanted.keys()].sort());
        for (const [token, { score, similarity }] of wanted) {
          expect(Math.abs(told.get(token)!.score - score)).toBeLessThan(2 * tolerance);
          expect(Math.abs(told.get(token)!.similarity - similarity)).toBeLessThan(tolerance);
        }
      }
      // All six of a step in one run: a sequence there, rows here.
      expect(expected.runs).toContainEqual([1, 6]);
      expect(found.runs).toContainEqual(name === 'webgpu' ? [6, 1] : [1, 6]);
    }
  });
});
