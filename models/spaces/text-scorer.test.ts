import { describe, expect, it } from 'vitest';
import { groups } from './text-scorer';

const cost = (runs: number[][], runCost: number) =>
  runs.reduce((sum, run) => sum + run.length * Math.max(...run) + runCost, 0);
/** The least cost over all ways to cut the sorted lengths. */
function least(sorted: number[], runCost: number): number {
  if (!sorted.length) return 0;
  return Math.min(
    ...sorted.map((_, n) => cost([sorted.slice(0, n + 1)], runCost) + least(sorted.slice(n + 1), runCost)),
  );
}

describe('texts in runs of like lengths', () => {
  it.each([
    [[2, 2, 3, 9, 2, 12, 3], 8],
    [[2, 2, 3, 9, 2, 12, 3], 200],
    [[5], 8],
    [[1, 4, 2, 8, 5, 7, 1, 4], 3],
  ])('%j at %i tokens a run: each text once, at the least cost', (lengths, runCost) => {
    const runs = groups(lengths, (length) => length, runCost);
    expect(runs.flat().sort()).toEqual([...lengths].sort());
    expect(cost(runs, runCost)).toBe(
      least(
        [...lengths].sort((a, b) => a - b),
        runCost,
      ),
    );
  });
});
