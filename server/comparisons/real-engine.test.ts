import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/host';
import { readEnv } from '../env/env';
import type { LaneView, StreamItem } from '../../kept/comparison';
import { catalogue } from './catalogue';
import { keepSample } from './sample';
import { Studio } from '../studio/studio';
import { noModels, scratchFolder } from '../studio/test-studio';

// The whole server but HTTP: the embedded family in its worker thread, the queue, the database.
const scratch = scratchFolder();
let studio: Studio;
beforeAll(async () => {
  studio = await Studio.open(readEnv({ DATABASE_URL: scratch.url }), {
    openEngine: () => openEngine({ device: 'cpu' }),
    catalogue: catalogue(),
    sampleImage: keepSample,
    limits: { uploadBytes: 1, pixels: 1, lanes: 16 },
    models: noModels,
  });
});
afterAll(async () => {
  await studio.close();
  scratch.remove();
});

async function run(lanes?: { decoder: string }[]): Promise<{ items: StreamItem[]; lanes: LaneView[] }> {
  const { id } = await studio.comparisons.create({ input: { kind: 'sample' }, lanes });
  const items: StreamItem[] = [];
  for await (const [, item] of studio.comparisons.follow(id, -1)) items.push(item);
  const view = await studio.comparisons.get(id);
  expect(view.items).toEqual(JSON.parse(JSON.stringify(items)));
  return { items, lanes: view.lanes };
}

describe('the studio with its engine', () => {
  it('loads everything while nobody asks yet, and nothing a second time', async () => {
    await studio.warmUp();
    const { items } = await run();
    expect(items.filter((item) => item.kind === 'event' && item.event.type === 'loading')).toEqual([]);
  });

  it('captions the sample with five decoders and keeps what it streamed', async () => {
    const { items, lanes } = await run();
    expect(items.at(-1)).toEqual({ kind: 'ended', status: 'finished' });
    expect(lanes.map((lane) => [lane.decoder, lane.status, lane.error]).sort()).toEqual(
      ['capdec', 'clipcap', 'coca', 'decap', 'iterative'].map((name) => [name, 'finished', null]),
    );
    for (const { id, result } of lanes) {
      expect(result!.caption.length).toBeGreaterThan(3);
      const steps = items.filter(
        (item) => item.kind === 'event' && item.event.type === 'step' && item.event.lane === id,
      );
      expect(steps.length).toBeGreaterThan(1);
    }
  });

  it('says the same again for the same picture, alone or among others', async () => {
    const caption = (lanes: LaneView[]) => lanes.find((lane) => lane.decoder === 'decap')!.result!.caption;
    const [alone, among] = await Promise.all([
      run([{ decoder: 'decap' }]),
      run([{ decoder: 'clipcap' }, { decoder: 'decap' }]),
    ]);
    expect(caption(alone.lanes)).toBe(caption(among.lanes));
  });

  it('tells of its devices, its family and its decoders', async () => {
    const info = await studio.info();
    expect(info.devices.find((device) => device.name === 'cpu')).toMatchObject({ available: true });
    expect(info.families[0]).toMatchObject({ name: 'pocket' });
    expect(info.families[0]!.problem).toBeUndefined();
    expect(info.families[0]!.decoders).toHaveLength(5);
    expect(info.families[0]!.bytes).toBeLessThan(64 * 1024 ** 2);
  });
});
