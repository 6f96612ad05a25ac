import { problemOf } from '../client/client';
import type { Comparison } from '../comparisons/comparison';
import type { Source } from '../comparisons/source';
import type { Problem } from '../languages/problem-text';

/** What is being read for the person, before anything runs. */
export type Working = { source: Source } | { what: 'address' | 'terms' };

export type WorkState = {
  /** Why what the person asked for last could not be done. */
  problem: Problem | undefined;
  working: Working | undefined;
  /** Lanes that were asked for and have not begun. */
  asked: readonly string[];
  /** Why a rating could not be kept. */
  ratingProblem: Problem | undefined;
  /** Counts batches of inputs: a newer one, or a stop, ends an older one. */
  batch: number;
  /** The comparison that a batch is at. */
  ofBatch: Comparison | undefined;
};
export const noWork: WorkState = {
  problem: undefined,
  working: undefined,
  asked: [],
  ratingProblem: undefined,
  batch: 0,
  ofBatch: undefined,
};

type Store = { setState: (change: Partial<WorkState>) => void };

/** Does something for the person; what goes wrong is told, and nothing is thrown. */
export async function attempt(store: Store, working: Working, work: () => Promise<void>): Promise<void> {
  store.setState({ problem: undefined, working });
  try {
    await work();
  } catch (error) {
    store.setState({ problem: problemOf(error) });
  } finally {
    store.setState({ working: undefined });
  }
}
