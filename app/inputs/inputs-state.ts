import { nothingKnown, type Snapshot } from '../comparisons/snapshot';
import { type Input, inputStatus, type InputStatus, sourceOf } from './inputs';

/** What is described on the page: inputs, each with its own comparison, and the one that is shown. */
export type InputsState = {
  inputs: readonly Input[];
  /** The key of the one that is shown. */
  active: string | undefined;
  /** The comparison of the one that is shown, as it stands; the same object while nothing changed. */
  shown: Snapshot;
  /** How far each input is, by its key. */
  statuses: Readonly<Record<string, InputStatus>>;
};
export const noInputs: InputsState = { inputs: [], active: undefined, shown: nothingKnown, statuses: {} };
export const maxInputs = 60;

type Store = {
  getState: () => InputsState;
  setState: (change: Partial<InputsState>) => void;
  subscribe: (listener: (after: InputsState, before: InputsState) => void) => () => void;
};

export const activeInput = ({ inputs, active }: Pick<InputsState, 'inputs' | 'active'>) =>
  inputs.find(({ key }) => key === active);

/** Some inputs are changed; those of which nothing is to be changed stay the same objects. */
export function changeInputs(store: Store, change: (input: Input) => Input): void {
  const { inputs } = store.getState();
  const after = inputs.map(change);
  if (after.some((input, i) => input !== inputs[i])) store.setState({ inputs: after });
}

export const patchInput = (store: Store, key: string, change: Partial<Input>): void =>
  changeInputs(store, (input) => (input.key === key ? { ...input, ...change } : input));

/** Puts an input at the end; the oldest of too many go. */
export const addInput = (store: Store, input: Input): void =>
  store.setState({ inputs: [...store.getState().inputs, input].slice(-maxInputs) });

export const forgetInput = (store: Store, key: string): void =>
  store.setState({ inputs: store.getState().inputs.filter((input) => input.key !== key) });

/**
 * Follows the comparisons of all inputs: the one that is shown changes `shown`, once a frame; of the others only how
 * far they are. @returns what ends that
 */
export function followInputs(store: Store): () => void {
  const followed = new Map<string, { comparison: NonNullable<Input['comparison']>; leave: () => void }>();
  const look = () => {
    const state = store.getState();
    const shown = activeInput(state)?.comparison?.snapshot() ?? nothingKnown;
    const statuses = Object.fromEntries(state.inputs.map((input) => [input.key, inputStatus(input)]));
    const same = Object.keys(statuses).every((key) => statuses[key] === state.statuses[key]);
    if (shown === state.shown && same) return;
    store.setState({ ...(shown === state.shown ? {} : { shown }), ...(same ? {} : { statuses }) });
  };
  const join = () => {
    const { inputs } = store.getState();
    for (const [key, { comparison, leave }] of followed)
      if (!inputs.some((input) => input.key === key && input.comparison === comparison)) {
        leave();
        followed.delete(key);
      }
    for (const { key, comparison } of inputs)
      if (comparison && !followed.has(key)) followed.set(key, { comparison, leave: comparison.subscribe(look) });
    look();
  };
  join();
  const end = store.subscribe((after, before) => {
    if (after.inputs !== before.inputs || after.active !== before.active) join();
  });
  return () => {
    end();
    for (const { leave } of followed.values()) leave();
  };
}

/** The embedding of an input in a space, once it is known. */
export function embeddingOf(
  input: Input,
  space: string | undefined,
): { values: readonly number[]; modality: 'image' | 'text' } | undefined {
  const source = sourceOf(input);
  if (source?.kind === 'embedding') return { values: source.values, modality: source.modality ?? 'image' };
  const values = input.comparison?.snapshot().parts.find(({ encoded }) => encoded?.values && encoded.space === space)
    ?.encoded?.values;
  return values && { values, modality: 'image' };
}
