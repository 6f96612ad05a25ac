import type { DecoderCard, FamilyCard, StudioInfo } from '@/kept/answers';
import type { Problem } from '../languages/problem-text';
import { keepLastFamily } from './last-family';

/** What a studio can do, and which family captions. */
export type FamilyState = {
  info: StudioInfo | undefined;
  /** Why the studio could not tell. */
  infoProblem: Problem | undefined;
  /** The family that was picked on this page, and the last one that was picked in this browser. */
  picked: string | undefined;
  last: string | null;
};
export const noFamily: FamilyState = { info: undefined, infoProblem: undefined, picked: undefined, last: null };

export const canCaption = ({ problem, decoders }: FamilyCard) => !problem && decoders.length > 0;

/**
 * Which family captions: the one that was picked on this page, else that of the comparison that is shown, else the last
 * that was picked in this browser, else the first.
 */
export function familyOf({ info, picked, last }: FamilyState, shown: string | undefined): FamilyCard | undefined {
  const usable = (info?.families ?? []).filter(canCaption);
  const named = [picked, shown, last].map((name) => usable.find((family) => family.name === name));
  return named.find(Boolean) ?? usable[0];
}

const none: readonly DecoderCard[] = [];
const known = new WeakMap<StudioInfo, Map<FamilyCard, readonly DecoderCard[]>>();
/** The decoders that a family has parts of; the same list each time. */
export function decodersOf(info: StudioInfo | undefined, family: FamilyCard | undefined): readonly DecoderCard[] {
  if (!info || !family) return none;
  let lists = known.get(info);
  if (!lists) known.set(info, (lists = new Map()));
  let list = lists.get(family);
  if (!list) lists.set(family, (list = info.decoders.filter(({ name }) => family.decoders.includes(name))));
  return list;
}

type Store = { setState: (change: Partial<FamilyState>) => void };
export function pickFamily(store: Store, name: string): void {
  store.setState({ picked: name });
  keepLastFamily(name);
}
