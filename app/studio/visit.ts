import { lastFamily } from '../families/last-family';
import { followInputs, patchInput } from '../inputs/inputs-state';
import { findDevices } from '../lanes/devices-state';
import { adoptLanes, recallLanes } from '../lanes/lanes-state';
import { followBlind } from '../ratings/blind-state';
import { followReferences } from '../references/references-state';
import { followRuns } from './runs-state';
import { active, bench, decoders } from './selectors';
import type { Studio } from './store';

/**
 * The page comes alive: this browser's choices are recalled, the comparison that the page's address names is opened and
 * shown with its own lanes, and what other tabs changed is read when the page is looked at again. @returns what ends it
 */
export function enter(studio: Studio): () => void {
  const { store, comparisons, opened } = studio;
  store.setState({ last: lastFamily() });
  recallLanes(store);
  const leave = [
    findDevices(store),
    followInputs(store),
    followBlind(store),
    followReferences(store),
    followRuns(store),
    onLook(() => void lookAgain(studio)),
  ];
  if (opened) {
    void comparisons.open(opened).then((comparison) => patchInput(store, opened.id, { comparison }));
    leave.push(adoptOnce(studio, opened.id));
  }
  return () => {
    for (const end of leave) end();
    comparisons.close();
  };
}

/** A comparison that was opened brings its own lanes, once what can run them is known. */
function adoptOnce({ store }: Studio, key: string): () => void {
  const adopt = () => {
    const state = store.getState();
    const { known, lanes } = state.shown;
    if (state.active !== key || !known || !lanes.length || !decoders(state).length) return;
    end();
    adoptLanes(store, bench(state), key, lanes);
  };
  const end = store.subscribe(adopt);
  adopt();
  return end;
}

/** Reads again what another tab may have changed of the comparison that is shown. */
export async function lookAgain({ store, comparisons }: Studio): Promise<void> {
  const input = active(store.getState());
  if (!input?.comparison) return;
  // A studio that does not answer is told where something is asked of it.
  await input.comparison.lookAgain().catch(() => undefined);
  // Another tab may have run its first lane elsewhere.
  const comparison = await comparisons.open(input.comparison.address);
  if (comparison !== input.comparison) patchInput(store, input.key, { comparison });
}

/** Hears that the page is looked at again. */
function onLook(look: () => void): () => void {
  const visible = () => document.visibilityState === 'visible' && look();
  document.addEventListener('visibilitychange', visible);
  window.addEventListener('focus', look);
  return () => {
    document.removeEventListener('visibilitychange', visible);
    window.removeEventListener('focus', look);
  };
}
