import { problemOf } from '../client/client';
import type { Comparison } from '../comparisons/comparison';
import type { Input } from '../inputs/inputs';
import { changeInputs, maxInputs, patchInput } from '../inputs/inputs-state';
import { begin, showAddress } from './begin';
import { active, now } from './selectors';
import type { Studio } from './store';

/** Ends the batch that waits: what had not had its turn says so, and can be run. */
export function setAside({ store }: Studio): void {
  store.setState(({ batch }) => ({ batch: batch + 1 }));
  changeInputs(store, (input) => (input.waiting ? { ...input, waiting: false, skipped: true } : input));
}

/** Stops one lane of what is shown; or without one all of it, and what waits for its turn. */
export async function stop(studio: Studio, lane?: string): Promise<void> {
  const state = studio.store.getState();
  const shown = active(state)?.comparison;
  if (lane !== undefined) return shown?.cancel(lane);
  setAside(studio);
  // The one that a batch is at need not be the one that is shown.
  const both = new Set([shown, state.ofBatch].filter((each): each is Comparison => each !== undefined));
  await Promise.all([...both].map((each) => each.cancel()));
}

/** Runs inputs one after the other, each in a comparison of its own. */
export async function runInTurn(studio: Studio, waiting: readonly Input[]): Promise<void> {
  const { store } = studio;
  store.setState({ problem: undefined });
  if (now(store.getState()).running || store.getState().ofBatch) await stop(studio);
  setAside(studio);
  const mine = store.getState().batch;
  const over = () => mine !== store.getState().batch;
  const keys = new Set(waiting.map(({ key }) => key));
  store.setState(({ inputs }) => ({
    inputs: [
      ...inputs.map((input) =>
        keys.has(input.key) ? { ...input, waiting: true, skipped: false, problem: undefined } : input,
      ),
      ...waiting
        .filter(({ key }) => !inputs.some((input) => input.key === key))
        .map((input) => ({ ...input, waiting: true })),
    ].slice(-maxInputs),
    active: waiting[0]!.key,
  }));
  for (const [i, { key, source }] of waiting.entries()) {
    if (over()) return;
    let begun: Comparison | undefined;
    try {
      const { ended, comparison } = await begin(studio, source!);
      begun = comparison;
      patchInput(store, key, { comparison, waiting: false, skipped: false });
      store.setState({ ofBatch: comparison });
      // Stopped while it was being sent.
      if (over()) return await comparison.cancel();
      if (i === 0) showAddress(studio, comparison, 'push');
      await ended;
    } catch (error) {
      patchInput(store, key, { waiting: false, skipped: false, problem: problemOf(error) });
    } finally {
      // A newer batch may have begun another by now.
      if (store.getState().ofBatch === begun) store.setState({ ofBatch: undefined });
    }
  }
}

/** Runs the inputs that were stopped before their turn. */
export function runSkipped(studio: Studio): Promise<void> {
  return runInTurn(
    studio,
    studio.store.getState().inputs.filter(({ skipped }) => skipped),
  );
}
