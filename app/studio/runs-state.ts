import { noRuns, type RunsSeen, seeRuns } from '../inspector/run-before';
import type { InputsState } from '../inputs/inputs-state';

/** The last two runs of the lanes that are shown, as this visit saw them. */
export type RunsState = { runs: RunsSeen };
export const noRunsSeen: RunsState = { runs: noRuns };

type State = RunsState & InputsState;
type Store = {
  getState: () => State;
  setState: (change: RunsState) => void;
  subscribe: (listener: (after: State, before: State) => void) => () => void;
};

/** Sees each run of the lanes that are shown end. @returns what ends that */
export function followRuns(store: Store): () => void {
  return store.subscribe((after, before) => {
    if (after.shown === before.shown) return;
    const { runs, active, shown } = store.getState();
    const seen = seeRuns(runs, active, shown.lanes);
    if (seen !== runs) store.setState({ runs: seen });
  });
}
