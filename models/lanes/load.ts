import type { Decoder } from '../decoders/types';
import { throwIfAborted } from '../errors';
import type { StudioEvent } from '../events';
import type { Scheduler } from '../runtime/scheduler';
import type { GraphName } from '../graphs/spec';
import type { Family } from '../weights/family';
import type { Planned } from './plan';

export type Turn = {
  /** When the lane may load its graphs. */ begin: Promise<unknown>;
  /** It has them, or never will. */ loaded: () => void;
};

/** Lanes that score their steps are by far the longest: they load when the others have their graphs. */
export function loadingTurns(lanes: readonly Planned[]): Turn[] {
  const turns = lanes.map(({ decoder }) => {
    let loaded!: () => void;
    return { last: decoder.scoresSteps ?? false, done: new Promise<void>((resolve) => (loaded = resolve)), loaded };
  });
  const others = Promise.all(turns.filter(({ last }) => !last).map(({ done }) => done));
  return turns.map(({ last, loaded }) => ({ begin: last ? others : Promise.resolve(), loaded }));
}

/** Graphs that a lane runs, of those that the family has, and the tower that scores its captions. */
export const laneGraphs = ({ graphs }: Decoder, { graphNames }: Family): GraphName[] => [
  ...graphs.filter((name) => graphNames.includes(name)),
  'text-tower',
];

/**
 * Loads graphs one after the other and says how far it is. Among lanes that load, the one that lacks the least comes
 * first.
 */
export async function* load(
  family: Family,
  graphs: readonly GraphName[],
  scheduler: Scheduler,
  signal?: AbortSignal,
): AsyncGenerator<StudioEvent, void, void> {
  const missing = graphs.filter((graph) => !family.isLoaded(graph));
  for (const [done, graph] of missing.entries()) {
    throwIfAborted(signal);
    yield { type: 'loading', what: graph, done, total: missing.length };
    await family.fetch(graph);
    throwIfAborted(signal);
    await scheduler.load(missing.length - done, () => {
      const session = family.session(graph);
      const next = missing[done + 1];
      if (next !== undefined) family.make(next);
      return session;
    });
  }
  if (missing.length) yield { type: 'loading', what: '', done: missing.length, total: missing.length };
}
