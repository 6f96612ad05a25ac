import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedEngine, scriptedResult } from '../comparisons/scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import type { ComparisonView } from '../../kept/comparison';
import { replayReport, replaySentences } from '../../kept/replay';
import { replayRequest } from './replay';

const scratch = scratchFolder();
let studio: Studio;
const engine = scriptedEngine(1);
beforeAll(async () => {
  studio = await openTestStudio(scratch.url, engine);
});
afterAll(async () => {
  await studio.close();
  scratch.remove();
});

async function run(): Promise<ComparisonView> {
  const { id } = await studio.comparisons.create({
    input: { kind: 'sample' },
    lanes: [{ id: 'one', decoder: 'clipcap', options: { seed: 3 } }, { decoder: 'broken' }],
  });
  await studio.comparisons.ended(id);
  return studio.store.view(id);
}

describe('a replay', () => {
  it('of a text embedding decodes a text embedding: the decoders that move it between the modalities must know', async () => {
    const { id } = await studio.comparisons.create({
      input: { kind: 'embedding', values: [3, 4], modality: 'text' },
      lanes: [{ decoder: 'clipcap' }],
    });
    await studio.comparisons.ended(id);
    const view = await studio.store.view(id);
    expect(view).toMatchObject({ input: 'embedding', modality: 'text' });
    const again = await studio.of('local').create(replayRequest(view), { replayOf: id });
    await studio.comparisons.ended(again.id);
    await studio.of('local').extend({ id: again.id, lanes: [{ decoder: 'decap' }] });
    await studio.comparisons.ended(again.id);
    expect(engine.inputs.slice(-3)).toEqual(
      Array(3).fill({
        kind: 'embedding',
        embedding: { space: 'pocket', modality: 'text', state: 'raw', values: Float32Array.of(3, 4) },
      }),
    );
  });

  it('asks for the same picture, lanes, options and precision, and finds the same tokens', async () => {
    const original = await run();
    const request = replayRequest(original);
    expect(request).toMatchObject({
      input: { imageId: 'sample' },
      family: 'pocket',
      precision: 'q8',
      lanes: [
        { id: 'one', decoder: 'clipcap', options: { seed: 3 } },
        { id: 'broken', decoder: 'broken' },
      ],
    });
    const { id } = await studio.of('local').create(request, { replayOf: original.id });
    await studio.comparisons.ended(id);
    const again = await studio.store.view(id);
    expect(again.replayOf).toBe(original.id);
    const report = replayReport(original, again);
    expect(report).toMatchObject({
      same: true,
      differences: [],
      lanes: [
        { same: true, firstDifference: null, logProbDifference: 0 },
        { same: true, lacks: { when: 'both' } },
      ],
    });
    expect(replaySentences(report)).toEqual(['Same tokens in every lane.']);
  });

  it('says which token differs, and what is not as it was: device, weights by file, version', async () => {
    const original = await run();
    const before: ComparisonView = {
      ...original,
      familyHash: 'a'.repeat(64),
      weightHashes: { 'lm.safetensors': '1', 'joint.safetensors': '2' },
      appVersion: '0.0.9',
      device: { name: 'webgpu', adapter: 'swiftshader' },
    };
    const lanes = original.lanes.map((lane) =>
      lane.id === 'one' ? { ...lane, result: { ...scriptedResult('a dog'), tokens: [3, 9] } } : lane,
    );
    const again: ComparisonView = {
      ...original,
      familyHash: 'b'.repeat(64),
      weightHashes: { 'lm.safetensors': '1', 'joint.safetensors': '3' },
      lanes: lanes.filter(({ id }) => id === 'one'),
    };
    const report = replayReport(
      {
        ...before,
        lanes: lanes.map((lane) => (lane.result ? { ...lane, result: { ...lane.result, tokens: [3, 4] } } : lane)),
      },
      again,
    );
    expect(report.same).toBe(false);
    expect(report.lanes[0]).toMatchObject({ same: false, firstDifference: 1 });
    expect(report.lanes[1]).toMatchObject({ same: false, lacks: { when: 'then', why: 'failed' } });
    expect(replaySentences(report)).toEqual([
      '2 of 2 lanes differ.',
      'The device differs: webgpu, swiftshader then, cpu now.',
      'The weights differ: aaaaaaaaaaaa then, bbbbbbbbbbbb now (joint.safetensors).',
      expect.stringMatching(/The version of the studio differs: 0\.0\.9 then/),
    ]);
  });

  it('needs the picture, or the embedding', async () => {
    const original = await run();
    expect(() => replayRequest({ ...original, image: null })).toThrow(/kept without its picture/);
    expect(replayRequest({ ...original, image: null, embedding: [1, 2] }).input).toEqual({
      kind: 'embedding',
      values: [1, 2],
    });
    expect(() => replayRequest({ ...original, status: 'running' })).toThrow(/still runs/);
  });
});
