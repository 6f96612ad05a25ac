import { problemOf } from '../client/client';
import { pathOf } from '../comparisons/address';
import type { Comparison } from '../comparisons/comparison';
import { activeInput, type InputsState } from '../inputs/inputs-state';
import type { Problem } from '../languages/problem-text';

/** What is typed, and the lines that it was made of. */
type Draft = { text: string; before: readonly string[] };

/**
 * Text of reference captions, one a line: what is typed belongs to its input, also when that is run again, and is kept
 * with its comparison as it is typed.
 */
export type ReferencesState = {
  /** What was typed, by the input's key. */
  drafts: Readonly<Record<string, Draft>>;
  /** What each comparison was last given, by its path, and which of that has been kept. */
  given: Readonly<Record<string, { lines: readonly string[]; kept: boolean }>>;
  /** Why they could not be kept. */
  unkept: Problem | undefined;
};
export const noReferences: ReferencesState = { drafts: {}, given: {}, unkept: undefined };

type State = ReferencesState & InputsState;
type Store = {
  getState: () => State;
  setState: (change: Partial<ReferencesState>) => void;
  subscribe: (listener: (after: State, before: State) => void) => () => void;
};

const settleMs = 600;
export const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
const isSame = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((line, i) => line === b[i]);
const without = <T>(all: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([other]) => other !== key));

/** What is kept with the comparison that is shown; undefined while it is not loaded. */
const keptLines = ({ shown }: State) => (shown.known ? shown.references : undefined);
const draftOf = ({ drafts, active }: State) => (active === undefined ? undefined : drafts[active]);
const targetOf = (state: State) => {
  const comparison = activeInput(state)?.comparison;
  return comparison && { comparison, path: pathOf(comparison.address) };
};

/** The references of what is shown, as they stand in the field. */
export const referenceText = (state: State): string => draftOf(state)?.text ?? keptLines(state)?.join('\n') ?? '';

/** What stands in the field is kept with the comparison. */
export function areKept(state: State): boolean {
  const [kept, target, lines] = [keptLines(state), targetOf(state), linesOf(referenceText(state))];
  if (!kept || !target) return false;
  const given = state.given[target.path];
  return isSame(kept, lines) || (given?.kept === true && isSame(given.lines, lines));
}

export function typeReferences(store: Store, text: string): void {
  const state = store.getState();
  const { active, drafts } = state;
  if (active === undefined) return;
  const before = drafts[active]?.before ?? keptLines(state) ?? [];
  store.setState({ drafts: { ...drafts, [active]: { text, before } } });
}

/** What is to be written now; undefined where all that was typed is, or cannot be yet. */
function unwritten(state: State) {
  const [draft, kept, target] = [draftOf(state), keptLines(state), targetOf(state)];
  if (!draft || !kept || !target) return undefined;
  const [lines, given] = [linesOf(draft.text), state.given[target.path]?.lines];
  return isSame(given ?? kept, lines) ? undefined : { ...target, lines, before: given ?? draft.before };
}

const queues = new WeakMap<Comparison, Promise<unknown>>();
/** Writes what was typed at once, where it is not written yet; one writing after the other. */
export function keepReferences(store: Store, state = store.getState()): void {
  const job = unwritten(state);
  if (!job) return;
  const { comparison, path, lines, before } = job;
  const give = (kept: boolean) => store.setState({ given: { ...store.getState().given, [path]: { lines, kept } } });
  give(false);
  const written = (queues.get(comparison) ?? Promise.resolve())
    .then(() => comparison.setReferences(lines, before))
    .then(
      () => {
        store.setState({ unkept: undefined });
        // What was typed meanwhile is given already.
        if (store.getState().given[path]?.lines === lines) give(true);
      },
      (error: unknown) => store.setState({ given: without(store.getState().given, path), unkept: problemOf(error) }),
    );
  queues.set(comparison, written);
}

/** What is written is shown as it is kept, with what other tabs added, once the page is looked at again. */
function lookAgain(store: Store): void {
  const state = store.getState();
  const [draft, target] = [draftOf(state), targetOf(state)];
  if (document.visibilityState !== 'visible' || !draft || !target || state.active === undefined) return;
  const given = state.given[target.path];
  if (!given || !isSame(linesOf(draft.text), given.lines)) return;
  store.setState({ drafts: without(state.drafts, state.active), given: without(state.given, target.path) });
}

/** Keeps what is typed once the person rests, or leaves the page. @returns what ends that */
export function followReferences(store: Store): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const now = () => keepReferences(store);
  const later = (after: State, before: State) => {
    if (after.drafts === before.drafts && after.active === before.active && keptLines(after) === keptLines(before))
      return;
    clearTimeout(timer);
    // Of an input that is left nothing waits.
    if (after.active !== before.active) keepReferences(store, before);
    if (unwritten(after)) timer = setTimeout(now, settleMs);
  };
  const look = () => lookAgain(store);
  const end = store.subscribe(later);
  window.addEventListener('pagehide', now);
  window.addEventListener('focus', look);
  document.addEventListener('visibilitychange', look);
  return () => {
    end();
    clearTimeout(timer);
    now();
    window.removeEventListener('pagehide', now);
    window.removeEventListener('focus', look);
    document.removeEventListener('visibilitychange', look);
  };
}
