import type { Comparison } from '../comparisons/comparison';
import type { Source } from '../comparisons/source';
import type { Problem } from '../languages/problem-text';

/** One input of the page and the comparison that was made of it. */
export type Input = {
  key: string;
  source?: Source;
  comparison?: Comparison;
  /** It waits for those before it. */
  waiting?: boolean;
  /** It was stopped before its turn came. */
  skipped?: boolean;
  /** Why it could not be run. */
  problem?: Problem;
};

export type InputStatus = 'waiting' | 'running' | 'done' | 'stopped' | 'failed' | 'not run';

/** What an input is made of, as it was given or as its comparison keeps it; undefined while that is not known. */
export const sourceOf = ({ source, comparison }: Input): Source | undefined => source ?? comparison?.snapshot().source;

/** How far an input is. */
export function inputStatus({ problem, skipped, waiting, comparison }: Input): InputStatus {
  if (problem) return 'failed';
  if (skipped) return 'not run';
  if (waiting || !comparison) return 'waiting';
  const { known, running, lanes } = comparison.snapshot();
  if (!known || running) return 'running';
  if (lanes.some(({ status }) => status === 'stopped')) return 'stopped';
  return lanes.every(({ status }) => status === 'failed' || status === 'unfit') ? 'failed' : 'done';
}
