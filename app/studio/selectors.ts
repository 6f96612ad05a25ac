import type { Address } from '../comparisons/address';
import { nothingKnown } from '../comparisons/snapshot';
import { urlOf } from '../comparisons/source';
import { decodersOf, familyOf } from '../families/family-state';
import { sourceOf } from '../inputs/inputs';
import { activeInput, embeddingOf } from '../inputs/inputs-state';
import { deviceOf } from '../lanes/devices-state';
import type { LaneDevice } from '../lanes/lane-device';
import { type Bench, lanesOf } from '../lanes/lanes-state';
import { type LaneConfig, mostLanes } from '../lanes/lane-config';
import type { Problem } from '../languages/problem-text';
import { blindOrder } from '../ratings/blind-order';
import type { StudioState } from './store';

/**
 * What follows from the state of a page. Lists and objects that are made here hold the same things while nothing
 * changed (`useParts`); all else is the same itself.
 */

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

/** There is room for no other lane. */
export const full = (state: StudioState) => lanes(state).length >= mostLanes;

/** The lanes that are shown: one of another family's decoders where the comparison was made with it. */
export const shownLanes = (state: StudioState): readonly LaneConfig[] => {
  const cards = decoders(state);
  return lanes(state).filter(
    ({ id, decoder }) => cards.some(({ name }) => name === decoder) || state.shown.lanes.some((lane) => lane.id === id),
  );
};

/** The same as they stand: shuffled in blind mode, also once revealed, since nothing moves that was placed. */
export const standing = (state: StudioState): readonly LaneConfig[] => {
  const { on, seed } = state.blind;
  return on ? blindOrder(shownLanes(state), seed, active(state)?.comparison?.address.id) : shownLanes(state);
};

/** Why what the page's address names cannot be shown. */
export const missing = ({ shown, active: key }: StudioState, opened: Address | undefined) =>
  !shown.known && key === opened?.id ? shown.absence : undefined;

/** The address of the picture that is described, where there is one. */
export function picture(state: StudioState): string | undefined {
  const given = source(state);
  if (state.shown.picture) return state.shown.picture.url;
  return given?.kind === 'photo' ? (given.blob ? urlOf(given.blob) : given.url) : undefined;
}

/** The embedding of what is shown: of the picture, or the one that was given. */
export function embedding(state: StudioState) {
  const { encoded, embedding: kept } = state.shown;
  const input = source(state);
  const given = input?.kind === 'embedding' ? input : undefined;
  const values = encoded?.values ?? kept?.values ?? given?.values;
  if (!values) return undefined;
  return {
    values,
    space: encoded?.space ?? family(state)?.space ?? '',
    modality: given?.modality ?? ('image' as const),
  };
}

/** Inputs that can be named in a sum. */
export const summable = (state: StudioState) =>
  state.inputs.filter((input) => embeddingOf(input, family(state)?.space) !== undefined);

/** The device that all lanes are set to; undefined where they differ. */
export function deviceOfAll(state: StudioState): LaneDevice | undefined {
  const [one, ...others] = new Set(shownLanes(state).map(({ id }) => deviceOf(state, id)));
  return others.length ? undefined : one;
}
/** No lane runs on the server: what is given stays in this browser. */
export const stays = (state: StudioState): boolean => {
  const all = shownLanes(state);
  return all.length > 0 && all.every(({ id }) => deviceOf(state, id) !== 'server');
};
