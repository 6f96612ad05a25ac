import type { ErrorBody } from '@/kept/answers';
import { errorOf, unreachable } from '../client/client';
import type { Source } from '../comparisons/source';
import { lastFamily } from '../families/last-family';
import { followInputs, patchInput } from '../inputs/inputs-state';
import { findDevices } from '../lanes/devices-state';
import { adoptLanes, recallLanes } from '../lanes/lanes-state';
import { followBlind } from '../ratings/blind-state';
import { followReferences } from '../references/references-state';
import { giveOne } from './giving';
import { followRuns } from './runs-state';
import { active, bench, decoders } from './selectors';
import type { Studio } from './store';
import { attempt } from './work-state';

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
    letGo(studio),
  ];
  if (opened) {
    void comparisons.open(opened).then((comparison) => patchInput(store, opened.id, { comparison }));
    leave.push(adoptOnce(studio, opened.id));
  }
  if (!opened) void giveNamedPhoto(studio);
  return () => {
    for (const end of leave) end();
    comparisons.close();
  };
}

/** A photo of a collection that the address names is described: the page Collections links to it so. */
async function giveNamedPhoto(studio: Studio): Promise<void> {
  const asked = new URLSearchParams(window.location?.search ?? '');
  const [collection, key] = [asked.get('collection'), asked.get('key')];
  if (collection === null || key === null) return;
  studio.goTo('/', 'replace');
  let found: Source | undefined;
  await attempt(studio.store, { what: 'address' }, async () => {
    const url = `/api/collections/${encodeURIComponent(collection)}/photo?key=${encodeURIComponent(key)}&large`;
    const answer = await fetch(url).catch(() => undefined);
    if (!answer) throw new Error(unreachable);
    if (!answer.ok) throw errorOf((await answer.json().catch(() => undefined)) as ErrorBody | undefined, answer.status);
    found = { kind: 'photo', name: key.split('/').at(-1)!, blob: await answer.blob() };
  });
  if (found) await giveOne(studio, found);
}

/** Comparisons of inputs that have left the page are let go of. */
function letGo({ store, comparisons }: Studio): () => void {
  return store.subscribe(({ inputs, ofBatch }, before) => {
    if (inputs === before.inputs) return;
    const shown = new Set(inputs.map(({ comparison }) => comparison));
    const left = before.inputs.some(({ comparison }) => comparison && !shown.has(comparison));
    if (left) comparisons.keepOnly([...shown, ofBatch].filter((each) => each !== undefined));
  });
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
