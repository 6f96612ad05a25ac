import { beforeEach, expect, it, vi } from 'vitest';
import type { StudioEvent } from '@/models/events';
import type { LocalComparison } from './local-comparisons';
import { LocalRuns } from './local-runs';

const { kept, said } = vi.hoisted(() => ({
  /** Writes that wait for the storage. */
  kept: [] as { items: number; done: () => void }[],
  said: [] as unknown[],
}));
vi.mock('./local-comparisons', () => ({
  keepLocal: (comparison: LocalComparison) =>
    new Promise<void>((done) => kept.push({ items: comparison.runs[0]!.items.length, done })),
}));
vi.mock('../engine/client', () => ({
  compareInBrowser: async function* () {
    yield* said;
  },
}));

beforeEach(() => {
  kept.length = 0;
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 0));
  vi.stubGlobal('cancelAnimationFrame', clearTimeout);
});
const settle = () => new Promise((done) => setTimeout(done, 5));

it('shows a lane as done once its end is kept, and not before', async () => {
  const failed: StudioEvent = { type: 'lane-failed', lane: 'clipcap', error: { code: 'internal', message: 'no' } };
  said.push(failed);
  const runs = new LocalRuns();
  const comparison: LocalComparison = {
    id: 'a',
    createdAt: 0,
    family: 'pocket',
    precision: 'fp32',
    runs: [{ device: 'wasm', lanes: [{ id: 'clipcap', decoder: 'clipcap', options: {} }], items: [] }],
  };
  const status = () => runs.states('a')[0]!.lanes[0]!.status;
  const over = runs.start(comparison, { kind: 'embedding', values: [] } as never);
  await settle();
  // The write at the beginning, and that of the end, which is still on its way.
  expect(kept.map(({ items }) => items)).toEqual([0, 1]);
  expect(status()).not.toBe('failed');
  kept[1]!.done();
  await settle();
  expect(status()).toBe('failed');
  kept[2]!.done();
  await over;
  expect(runs.states('a')[0]!.status).toBe('finished');
});
