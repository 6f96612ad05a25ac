import type { DecoderCard, FamilyCard } from '@/kept/answers';
import { freeName } from '@/models/lanes/names';
import type { LaneConfig, OptionSet } from './benches';

export type { LaneConfig, OptionSet } from './benches';

/** The page shows what lies behind each caption, unless a lane says otherwise. */
const told: OptionSet = { cosineTrace: true, insight: true };
const key = 'caption-studio.lanes';
export const mostLanes = 16;

/** What an option is without the person's choice. */
export function pageDefaults(card: DecoderCard, family?: FamilyCard): OptionSet {
  return {
    ...Object.fromEntries(
      card.options.map((spec) => [spec.name, family?.defaults[card.name]?.[spec.name] ?? spec.default]),
    ),
    ...card.pageDefaults,
    ...told,
  };
}

/** The name of a new lane beside others. */
export const freeLane = (decoder: string, taken: readonly { id: string }[]): string =>
  freeName(decoder, new Set(taken.map(({ id }) => id)));

const first = new WeakMap<readonly DecoderCard[], readonly LaneConfig[]>();
/** One lane of each decoder; the same list each time. */
export function firstLanes(decoders: readonly DecoderCard[]): readonly LaneConfig[] {
  let lanes = first.get(decoders);
  if (!lanes) first.set(decoders, (lanes = decoders.map(({ name }) => ({ id: name, decoder: name, options: {} }))));
  return lanes;
}

/** Every option of a lane: the person's, or the page's default. */
export function optionsOf(lane: LaneConfig, decoders: readonly DecoderCard[], family?: FamilyCard): OptionSet {
  const card = decoders.find(({ name }) => name === lane.decoder);
  return { ...(card ? pageDefaults(card, family) : {}), ...lane.options };
}

/** The lanes of the last visit; undefined where none are kept. */
export function keptLanes(): LaneConfig[] | undefined {
  try {
    const parsed = JSON.parse(localStorage.getItem(key) ?? 'null') as LaneConfig[] | null;
    const sound = parsed?.filter(({ id, decoder }) => typeof id === 'string' && typeof decoder === 'string');
    return sound?.map(({ id, decoder, options }) => ({ id, decoder, options: options ?? {} }));
  } catch {
    return undefined;
  }
}

export function keepLanes(lanes: readonly LaneConfig[]): void {
  try {
    // A branch belongs to the photo that it was made on.
    localStorage.setItem(key, JSON.stringify(lanes.filter(({ options }) => !options.prefixTokens)));
  } catch {
    // Without storage the lanes last as long as the page.
  }
}
