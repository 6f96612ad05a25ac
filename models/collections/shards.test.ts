import { describe, expect, it } from 'vitest';
import { differences, partsOf, runName, type RunSettings, shardName } from './shards';

const settings: RunSettings = {
  family: 'pocket',
  familyHash: 'aa',
  precision: 'fp32',
  device: 'cpu',
  lanes: [
    { id: 'clipcap', decoder: 'clipcap', options: { beam: 5, search: 'beam' } },
    { id: 'decap', decoder: 'decap', options: { beam: 5 } },
  ],
  embeddings: false,
  batch: 32,
  reading: 'whole',
};
const inputs = [
  { key: 'a.jpg', stamp: '1' },
  { key: 'b\n.jpg', stamp: '2' },
];

describe('shards', () => {
  it('have all inputs, in order', () => {
    expect(partsOf(2_500, 1_000)).toEqual([
      { position: 0, first: 0, count: 1_000 },
      { position: 1, first: 1_000, count: 1_000 },
      { position: 2, first: 2_000, count: 500 },
    ]);
    expect(partsOf(3, 3)).toHaveLength(1);
    expect(partsOf(0, 3)).toEqual([]);
  });

  it('are called by their inputs and all that rows depend on, in whatever order options were given', async () => {
    const name = await shardName(inputs, settings);
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    const [first, second] = settings.lanes;
    const turned = { ...first!, options: { search: 'beam', beam: 5 } };
    expect(await shardName(inputs, { ...settings, lanes: [turned, second!] })).toBe(name);
    const others = await Promise.all([
      shardName([inputs[1]!, inputs[0]!], settings),
      shardName([{ ...inputs[0]!, stamp: '3' }, inputs[1]!], settings),
      shardName(inputs.slice(0, 1), settings),
      shardName(inputs, { ...settings, familyHash: 'ab' }),
      shardName(inputs, { ...settings, precision: 'q8' }),
      shardName(inputs, { ...settings, device: 'cuda' }),
      shardName(inputs, { ...settings, embeddings: true }),
      shardName(inputs, { ...settings, batch: 16 }),
      shardName(inputs, { ...settings, reading: 'shrunk' }),
      shardName(inputs, { ...settings, lanes: [second!, first!] }),
      shardName(inputs, { ...settings, lanes: [{ ...first!, options: { beam: 4, search: 'beam' } }, second!] }),
      runName([name]),
    ]);
    expect(new Set([name, ...others]).size).toBe(others.length + 1);
  });

  it('of other settings tell what differs', () => {
    const [first, second] = settings.lanes;
    const now = (changed: Partial<RunSettings>) => differences(settings, { ...settings, ...changed });
    expect(now({})).toEqual([]);
    expect(now({ familyHash: 'ab', precision: 'q8' })).toEqual([
      "the family's weights (SHA-256) was aa and is ab",
      'the precision was fp32 and is q8',
    ]);
    expect(now({ lanes: [{ ...first!, options: { beam: 1, search: 'beam', topP: 0.9 } }] })).toEqual([
      'clipcap.beam was 5 and is 1',
      'clipcap.topP was not set and is 0.9',
      'decap ran and does not run now',
    ]);
    expect(now({ lanes: [second!, first!] })).toEqual(['the lanes were clipcap, decap and are decap, clipcap']);
  });
});
