import { sampleOf } from '../comparisons/source';
import { sourceOf } from '../inputs/inputs';
import { activeInput, type InputsState } from '../inputs/inputs-state';
import { type Blind, blindOff, isHidden, keepBlind, keptBlind, onBlindElsewhere } from './blind-kept';

/**
 * Blind mode of the page: captions without the names and numbers of their lanes, in an order that tells nothing, so
 * that they are judged by their words.
 */
export type BlindState = { blind: Blind };
export const notBlind: BlindState = { blind: blindOff };

type State = BlindState & InputsState;
type Store = {
  getState: () => State;
  setState: (change: BlindState) => void;
  subscribe: (listener: (after: State) => void) => () => void;
};

const most = 2_000;
/** Id with the others, at most `most`, the oldest forgotten. */
const including = (list: readonly string[], id: string) => (list.includes(id) ? list : [...list, id].slice(-most));

const comparisonOf = (state: State) => activeInput(state)?.comparison?.address.id;
/** What is shown, by the names that blind mode remembers it by: its comparison, and its input. */
function namesOf(state: State): string[] {
  const input = activeInput(state);
  const source = input && sourceOf(input);
  return [comparisonOf(state), source?.kind === 'sample' ? `sample ${sampleOf(source)}` : input?.key].filter(
    (id) => id !== undefined,
  );
}

/** Names and numbers of what is shown are not to be told. */
export const hidden = (state: State): boolean => isHidden(state.blind, comparisonOf(state));

/** Names were shown in this tab, so that a rating is not blind, whatever is hidden now. */
export const known = (state: State): boolean => namesOf(state).some((id) => state.blind.seen.includes(id));

function write(store: Store, change: Partial<Blind>): void {
  const blind = { ...store.getState().blind, ...change };
  keepBlind(blind);
  store.setState({ blind });
}

/** Switches the mode; what is shown is hidden again by that, also where it was revealed. */
export function setBlind(store: Store, on: boolean): void {
  const [{ revealed }, comparison] = [store.getState().blind, comparisonOf(store.getState())];
  write(store, { on, ...(on ? { revealed: revealed.filter((id) => id !== comparison) } : {}) });
}

/** Shows the names of what is shown, although the mode is on. */
export function reveal(store: Store): void {
  const comparison = comparisonOf(store.getState());
  if (comparison !== undefined) write(store, { revealed: including(store.getState().blind.revealed, comparison) });
}

/**
 * Recalls the mode, hears of other tabs, and remembers what has been shown by name: captions that stand on the page
 * beside the names of their lanes. @returns what ends that
 */
export function followBlind(store: Store): () => void {
  store.setState({ blind: keptBlind() });
  const look = (state: State) => {
    const lanes = activeInput(state)?.comparison?.snapshot().lanes;
    if (hidden(state) || !lanes?.some(({ caption }) => caption !== '')) return;
    const { seen } = state.blind;
    const after = namesOf(state).reduce(including, seen);
    if (after !== seen) write(store, { seen: after });
  };
  look(store.getState());
  const leave = [store.subscribe(look), onBlindElsewhere((blind) => store.setState({ blind }))];
  return () => {
    for (const end of leave) end();
  };
}
