import type { FamilyCard, StudioInfo } from '@/kept/answers';
import type { SampleName } from '@/kept/samples';
import { StudioError } from '@/models/errors';
import type { Begun, Comparison, LaneWish } from '../comparisons/comparison';
import { pathOf } from '../comparisons/address';
import type { Source } from '../comparisons/source';
import { canCaption, decodersOf } from '../families/family-state';
import { placeOf } from '../lanes/devices-state';
import type { LaneDevice } from '../lanes/lane-device';
import { lanesOf } from '../lanes/lanes-state';
import { type LaneConfig, optionsOf } from '../lanes/lane-config';
import { msg } from '../languages/msg';
import { family } from './selectors';
import type { Studio } from './store';

/** A lane to run; `device` where the person's choice for it is not known yet. */
export type Wanted = LaneConfig & { device?: LaneDevice };

/** What the studio can do: somebody may be faster than the page's first question. @throws Error of the server */
export const knownInfo = async ({ store, askInfo }: Studio): Promise<StudioInfo> =>
  store.getState().info ?? (await askInfo());

/** The family that captions. @throws family-unknown */
export function usableFamily({ store }: Studio, info: StudioInfo): FamilyCard {
  const used = family(store.getState()) ?? info.families.find(canCaption);
  if (!used)
    throw new StudioError(
      'family-unknown',
      msg('The studio has no family that can caption. Open Models and pull or import one.'),
    );
  return used;
}

/**
 * Starts lanes on an input, each where it belongs: all lanes of the page in a comparison of their own, or some in one
 * that it has. @throws Error, in words for the person
 */
export async function begin(
  studio: Studio,
  source: Source,
  wanted?: readonly Wanted[],
  into?: Comparison,
): Promise<Begun> {
  const info = await knownInfo(studio);
  const used = usableFamily(studio, info);
  const cards = decodersOf(info, used);
  const state = studio.store.getState();
  const all: readonly Wanted[] = wanted ?? lanesOf(state, cards);
  const lanes = await Promise.all(
    all
      .filter(({ decoder }) => cards.some(({ name }) => name === decoder))
      .map(async (lane): Promise<LaneWish> => ({
        id: lane.id,
        decoder: lane.decoder,
        options: optionsOf(lane, cards, used),
        place: await placeOf(state, lane.id, lane.device),
      })),
  );
  const sampleUrl = (name: SampleName) => info.samples.find((sample) => sample.name === name)?.url ?? '';
  const wish = { source, family: { name: used.name, space: used.space }, lanes, sampleUrl };
  return into ? into.extend(wish) : studio.comparisons.start(wish);
}

/** The page's address becomes that of a comparison. */
export const showAddress = ({ goTo }: Studio, { address }: Comparison, how: 'push' | 'replace'): void =>
  goTo(pathOf(address), how);
