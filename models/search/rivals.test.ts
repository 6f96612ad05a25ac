import { afterAll, describe, expect, it } from 'vitest';
import gpt2 from '../networks/goldens/gpt2.json' with { type: 'json' };
import { gpt2Config } from '../networks/goldens/cases';
import { type Golden, goldenWeights, relativeError } from '../networks/goldens/golden';
import { buildGpt } from '../networks/gpt';
import type { GraphOptions } from '../networks/types';
import { NodeRuntime } from '../runtime/node';
import type { Onnxruntime, OrtRuntime } from '../runtime/ort-runtime';
import { Scheduler } from '../runtime/scheduler';
import type { Session, Tensor } from '../runtime/types';
import { WebRuntime } from '../runtime/web';
import { GraphStepModel } from './graph-step-model';

const golden = gpt2 as unknown as Golden;
const config = gpt2Config(golden);
const onCpu = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
const onWasm = new WebRuntime((await import('onnxruntime-web')) as unknown as Onnxruntime, { name: 'wasm' }, 1);
afterAll(() => Promise.all([onCpu.close(), onWasm.close()]));
const request = { k: 6, hidden: true };
const rivals = [7, 3, 11, 19];

/** A step model, and the values of all caches that its last run gave. */
async function openedOn(runtime: OrtRuntime, device: GraphOptions['device']) {
  const loaded = await runtime.load(buildGpt(config, goldenWeights(golden), { precision: 'fp32', device }), {
    name: 'GPT-2',
  });
  const seen = { cache: 0 };
  const session: Session = {
    ...loaded,
    run: async (feeds, fetches) => {
      const outputs = await loaded.run(feeds, fetches);
      const size = ({ dims }: Tensor) => dims.reduce((product, dim) => product * dim, 1);
      const caches = Object.entries(outputs).filter(([name]) => name.startsWith('present_'));
      seen.cache = caches.reduce((sum, [, tensor]) => sum + size(tensor), 0);
      return outputs;
    },
  };
  const lane = new Scheduler().lane();
  const model = new GraphStepModel(
    session,
    runtime,
    { prefill: lane, step: lane },
    { ...config, endToken: 0 },
    { ids: [5, 9, 2] },
  );
  return { model, seen };
}

describe.each<[GraphOptions['device'], OrtRuntime]>([
  ['cpu', onCpu],
  ['wasm', onWasm],
])('rivals on %s', (device, runtime) => {
  const opened = () => openedOn(runtime, device);
  const close = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    expect(relativeError(Array.from(a), Array.from(b))).toBeLessThan(5e-5);

  it('are each stepped as if they were alone, over one cache', async () => {
    const [together, apart] = [await opened(), await opened()];
    for (const { model } of [together, apart]) await model.prefill(request);
    const all = { ...request, headRows: rivals.map((_, r) => r) };
    const parents = rivals.map(() => 0);
    const one = await together.model.step(parents, rivals, { ...all, rivals: true });
    const rows = await apart.model.step(parents, rivals, all);
    expect([...one.ids]).toEqual([...rows.ids]);
    close(one.logProbs, rows.logProbs);
    close(one.hidden!, rows.hidden!);
    // Three tokens that all share and one of each; rows hold four each.
    expect(together.seen.cache / apart.seen.cache).toBeCloseTo((3 + 4) / (4 * 4));
    for (const { model } of [together, apart]) model.dispose();
  });

  it('leave one that goes on as its row would have, also to rivals of its own', async () => {
    const [together, apart] = [await opened(), await opened()];
    for (const { model } of [together, apart]) await model.prefill(request);
    for (const winner of [2, 0]) {
      const parents = rivals.map(() => 0);
      await together.model.step(parents, rivals, { ...request, rivals: true });
      const next = await together.model.step([winner], [23], request);
      await apart.model.step([0], [rivals[winner]!], request);
      const expected = await apart.model.step([0], [23], request);
      expect([...next.ids]).toEqual([...expected.ids]);
      close(next.logProbs, expected.logProbs);
    }
    await together.model.step([0, 0], [8, 6], { ...request, rivals: true });
    const next = await together.model.step([1, 1], [4, 1], { ...request, rivals: true });
    await apart.model.step([0], [6], request);
    const expected = await apart.model.step([0, 0], [4, 1], request);
    expect([...next.ids]).toEqual([...expected.ids]);
    close(next.logProbs, expected.logProbs);
    for (const { model } of [together, apart]) model.dispose();
    expect(runtime.liveTensors()).toBe(0);
  });

  it('can be asked again for what was left out, and go on from there', async () => {
    const [together, apart] = [await opened(), await opened()];
    for (const { model } of [together, apart]) await model.prefill(request);
    await together.model.step([0, 0, 0], [7, 3, 11], { ...request, headRows: [1], rivals: true });
    const again = await together.model.again([2], request);
    const expected = await apart.model.step([0], [11], request);
    expect([...again.ids]).toEqual([...expected.ids]);
    close(again.logProbs, expected.logProbs);
    close(
      (await together.model.step([0], [4], request)).logProbs,
      (await apart.model.step([0], [4], request)).logProbs,
    );
    for (const { model } of [together, apart]) model.dispose();
    expect(runtime.liveTensors()).toBe(0);
  });

  it('are refused where two of them would go on', async () => {
    const { model } = await opened();
    await model.prefill(request);
    await model.step([0, 0], [7, 3], { ...request, rivals: true });
    await expect(model.step([0, 1], [4, 4], request)).rejects.toMatchObject({ code: 'internal' });
    model.dispose();
  });
});

it('are rows where the operator of a GPU cannot be told who sees whom', async () => {
  const { model, seen } = await openedOn(onCpu, 'webgpu');
  const first = await model.prefill(request);
  const before = seen.cache;
  await model.step([0, 0], [first.ids[0]!, first.ids[1]!], { ...request, rivals: true });
  expect(seen.cache / before).toBeCloseTo((2 * 4) / 3);
  model.dispose();
});
