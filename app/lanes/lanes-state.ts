import type { DecoderCard, FamilyCard } from '@/kept/answers';
import { asLeft, keepBench, type LaneConfig, type OptionSet } from './benches';
import { firstLanes, freeLane, keptLanes, keepLanes, mostLanes, pageDefaults } from './lane-config';

/** The lanes of the workbench, as far as the person or an opened comparison set them. */
export type LanesState = {
  /** Those of the last visit. */
  kept: readonly LaneConfig[] | undefined;
  /** As they were changed on this page. */
  own: readonly LaneConfig[] | undefined;
  /** Those of a comparison that was opened. */
  adopted: readonly LaneConfig[] | undefined;
};
export const noLanes: LanesState = { kept: undefined, own: undefined, adopted: undefined };

/** What a change of lanes depends on: what can be run, and the comparison that is shown, which keeps its lanes too. */
export type Bench = { decoders: readonly DecoderCard[]; family?: FamilyCard; comparison?: string };
type Store = { getState: () => LanesState; setState: (change: Partial<LanesState>) => void };

/** The lanes as they stand: one of each decoder at first. */
export function lanesOf({ kept, own, adopted }: LanesState, decoders: readonly DecoderCard[]): readonly LaneConfig[] {
  // Lanes of another family's decoders wait for it.
  const stored = kept?.some(({ decoder }) => decoders.some(({ name }) => name === decoder)) ? kept : undefined;
  return adopted ?? own ?? stored ?? firstLanes(decoders);
}

/** Lanes are read again as the last visit left them. */
export const recallLanes = (store: Store): void => store.setState({ kept: keptLanes() });

export function changeLanes(
  store: Store,
  { decoders, comparison }: Bench,
  next: (lanes: readonly LaneConfig[]) => readonly LaneConfig[],
): void {
  const before = lanesOf(store.getState(), decoders);
  const after = next(before).slice(0, mostLanes);
  keepLanes(after);
  if (comparison !== undefined) keepBench(comparison, after, before);
  store.setState(store.getState().adopted ? { adopted: after } : { own: after });
}

/** Puts a lane in, after another or at the end. @returns its id */
export function addLane(
  store: Store,
  bench: Bench,
  { decoder, options = {}, after }: { decoder: string; options?: OptionSet; after?: string },
): string {
  const id = freeLane(decoder, lanesOf(store.getState(), bench.decoders));
  changeLanes(store, bench, (before) => {
    const at = after === undefined ? before.length : before.findIndex((lane) => lane.id === after) + 1;
    return [...before.slice(0, at), { id, decoder, options }, ...before.slice(at)];
  });
  return id;
}

export const removeLane = (store: Store, bench: Bench, id: string): void =>
  changeLanes(store, bench, (before) => before.filter((lane) => lane.id !== id));

export const moveLane = (store: Store, bench: Bench, id: string, by: -1 | 1): void =>
  changeLanes(store, bench, (before) => {
    const at = before.findIndex((lane) => lane.id === id);
    const to = at + by;
    if (at < 0 || to < 0 || to >= before.length) return before;
    return before.with(at, before[to]!).with(to, before[at]!);
  });

export const setLaneOptions = (store: Store, bench: Bench, id: string, options: OptionSet): void =>
  changeLanes(store, bench, (before) => before.map((lane) => (lane.id === id ? { ...lane, options } : lane)));

/** Back to one of each decoder. */
export function resetLanes(store: Store, bench: Bench): void {
  changeLanes(store, bench, () => firstLanes(bench.decoders));
  store.setState({ adopted: undefined, own: firstLanes(bench.decoders) });
}

/**
 * Shows the lanes of a comparison that was opened: as they were left in this browser, else with the options that it ran
 * with.
 */
export function adoptLanes(
  store: Store,
  { decoders, family }: Bench,
  comparison: string,
  opened: readonly { id: string; decoder: string; options: Record<string, unknown> }[],
): void {
  const ran = opened.map(({ id, decoder, options }) => {
    const card = decoders.find(({ name }) => name === decoder);
    const usual = card ? pageDefaults(card, family) : {};
    const chosen = Object.entries(options as OptionSet).filter(
      ([name, value]) => JSON.stringify(usual[name]) !== JSON.stringify(value),
    );
    return { id, decoder, options: Object.fromEntries(chosen) };
  });
  store.setState({ adopted: asLeft(comparison, ran) });
}
