import { describe, expect, it } from 'vitest';
import { isHidden } from './blind-kept';
import { blindOrder, letterOf } from './blind-order';

const lanes = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'].map((id) => ({ id }));
const order = (seed: number, comparison: string) => blindOrder(lanes, seed, comparison).map(({ id }) => id);

describe('the order of lanes without names', () => {
  it('holds every lane once, and is the same for the same seed and comparison, however the lanes come', () => {
    expect([...order(7, 'a')].sort()).toEqual(lanes.map(({ id }) => id).sort());
    expect(order(7, 'a')).toEqual(order(7, 'a'));
    expect(blindOrder([...lanes].reverse(), 7, 'a').map(({ id }) => id)).toEqual(order(7, 'a'));
  });

  it('tells nothing: over many comparisons each lane stands in each place about equally often', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 2_000; i++)
      for (const [place, id] of order(1, `comparison ${i}`).entries())
        counts.set(`${id} ${place}`, (counts.get(`${id} ${place}`) ?? 0) + 1);
    expect(counts.size).toBe(25);
    // 400 expected of each, with a standard deviation of 18.
    for (const [what, count] of counts) expect(Math.abs(count - 400), what).toBeLessThan(90);
    expect(new Set(Array.from({ length: 50 }, (_, seed) => order(seed, 'a').join(' '))).size).toBeGreaterThan(25);
  });

  it('gives each place a letter', () => {
    expect([0, 1, 15].map(letterOf)).toEqual(['A', 'B', 'P']);
  });
});

describe('names', () => {
  const state = { on: true, seed: 1, seen: ['x'], revealed: ['x'] };
  it('are hidden while the mode is on, but of what was revealed', () => {
    expect([
      isHidden(state, 'x'),
      isHidden(state, 'y'),
      isHidden(state, undefined),
      isHidden({ ...state, on: false }, 'y'),
    ]).toEqual([false, true, true, false]);
  });
});
