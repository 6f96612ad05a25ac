import type { Problem } from '../languages/problem-text';
import { nothingKnown } from '../comparisons/snapshot';
import { decodersOf, familyOf } from '../families/family-state';
import { activeInput } from '../inputs/inputs-state';
import { sourceOf } from '../inputs/inputs';
import { type Bench, lanesOf } from '../lanes/lanes-state';
import type { StudioState } from './store';

/** What follows from the state of a page. Each gives the same object while nothing that it depends on changed. */

export const active = (state: StudioState) => activeInput(state);
export const family = (state: StudioState) => familyOf(state, state.shown.family);
export const decoders = (state: StudioState) => decodersOf(state.info, family(state));
export const lanes = (state: StudioState) => lanesOf(state, decoders(state));
export const source = (state: StudioState) => {
  const input = active(state);
  return input && sourceOf(input);
};

/** How the comparison that is shown stands at this very moment. */
export const now = (state: StudioState) => active(state)?.comparison?.snapshot() ?? nothingKnown;

/** What a change of lanes depends on. */
export function bench(state: StudioState): Bench {
  const [chosen, comparison] = [family(state), active(state)?.comparison?.address.id];
  return {
    decoders: decoders(state),
    ...(chosen ? { family: chosen } : {}),
    ...(comparison === undefined ? {} : { comparison }),
  };
}

export const problem = (state: StudioState): Problem | undefined =>
  state.problem ?? active(state)?.problem ?? state.shown.problem ?? state.infoProblem ?? state.shown.failure;

/** Inputs wait for their turn. */
export const inTurn = ({ inputs }: StudioState) => inputs.some(({ waiting }) => waiting);
export const skippedCount = ({ inputs }: StudioState) => inputs.filter(({ skipped }) => skipped).length;
