import type { DecoderCard, FamilyCard, StudioInfo } from '@/kept/answers';
import type { CollectionStart } from '@/kept/collections/requests';
import { canCaption, decodersOf } from '../families/family-state';
import { lastFamily } from '../families/last-family';
import { firstLanes, keptLanes, type LaneConfig } from '../lanes/lane-config';

/** What a collection is captioned by: a family and its lanes, as the person has them on the page Compare. */
export type LanesHere = { family: FamilyCard; lanes: readonly LaneConfig[] };

/** Undefined where no family can caption. @param picked the family that the person chose here */
export function lanesHere(info: StudioInfo, picked = lastFamily() ?? undefined): LanesHere | undefined {
  const usable = info.families.filter(canCaption);
  const family = usable.find(({ name }) => name === picked) ?? usable[0];
  if (!family) return undefined;
  const cards = decodersOf(info, family);
  const known = (keptLanes() ?? []).filter((lane) => isForAll(lane) && cards.some(({ name }) => name === lane.decoder));
  return { family, lanes: known.length ? known : firstLanes(cards) };
}

/** A branch belongs to the photo that it was made on. */
export const isForAll = ({ options }: LaneConfig): boolean => !options.prefixTokens;

/**
 * Lanes as a collection asks for them: the person's options over those that the page sets. What explains a caption
 * (its trace, its maps) is made for one photo at a time.
 */
export const wishesOf = (lanes: readonly LaneConfig[], cards: readonly DecoderCard[]): CollectionStart['lanes'] =>
  lanes.map(({ id, decoder, options }) => ({
    id,
    decoder,
    options: { ...cards.find(({ name }) => name === decoder)?.pageDefaults, ...options },
  }));
