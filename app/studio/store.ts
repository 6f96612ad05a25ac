import { createStore, type StoreApi } from 'zustand/vanilla';
import type { StudioInfo } from '@/kept/answers';
import type { StudioClient } from '../client/client';
import type { PhotoSender } from '../collections/photo-sender';
import type { Address } from '../comparisons/address';
import { Comparisons } from '../comparisons/comparisons';
import { type FamilyState, noFamily } from '../families/family-state';
import { type InputsState, noInputs } from '../inputs/inputs-state';
import { type DevicesState, noDevices } from '../lanes/devices-state';
import { type LanesState, noLanes } from '../lanes/lanes-state';
import { type BlindState, notBlind } from '../ratings/blind-state';
import { noReferences, type ReferencesState } from '../references/references-state';
import { noRunsSeen, type RunsState } from './runs-state';
import { noWork, type WorkState } from './work-state';

export type StudioState = FamilyState &
  LanesState &
  DevicesState &
  InputsState &
  BlindState &
  ReferencesState &
  RunsState &
  WorkState;

/** One page of the studio: its state, and what its actions ask. Two pages share nothing. */
export type Studio = {
  store: StoreApi<StudioState>;
  comparisons: Comparisons;
  client: StudioClient;
  /** The comparison that the page's address named when it was opened. */
  opened: Address | undefined;
  /** Sends several photos, which become a collection. */
  sender: PhotoSender;
  /** What the studio can do, asked for once a visit. @throws Error of the server */
  askInfo: () => Promise<StudioInfo>;
  /** The page's address becomes this one, as a step of its own or in place of the one before. */
  goTo: (path: string, how: 'push' | 'replace') => void;
};

/** @param opened the comparison that the page's address names */
export function createStudio(
  parts: Pick<Studio, 'client' | 'askInfo' | 'goTo' | 'sender'>,
  opened?: Address,
  comparisons = new Comparisons(parts.client),
): Studio {
  const store = createStore<StudioState>(() => ({
    ...noFamily,
    ...noLanes,
    ...noDevices,
    ...noInputs,
    ...notBlind,
    ...noReferences,
    ...noRunsSeen,
    ...noWork,
    ...(opened ? { inputs: [{ key: opened.id }], active: opened.id } : {}),
  }));
  return { ...parts, opened, comparisons, store };
}
