import type { LaneRequest } from '@/kept/requests';
import type { Rating } from '@/kept/ratings';
import type { WebDeviceName } from '@/models/runtime/web';
import type { StudioClient } from '../client/client';
import type { Address } from './address';
import type { SaveChoice } from './save-local';
import type { Snapshot } from './snapshot';
import type { SampleUrl, Source } from './source';

/** A lane to run, with all its options, and the device that does its work. */
export type LaneWish = Required<LaneRequest> & { place: 'server' | WebDeviceName };

export type RunWish = {
  source: Source;
  family: { name: string; space: string };
  lanes: readonly LaneWish[];
  sampleUrl: SampleUrl;
};

/** Lanes that were started, the comparison that holds them, and a promise of their end. */
export type Begun = { comparison: Comparison; ended: Promise<void> };

/** What a comparison is given: the studio, and what runs lanes in it, in another half than its own too. */
export type Needs = { client: StudioClient; run: (into: Comparison, wish: RunWish) => Promise<Begun> };

/**
 * One input and its lanes, wherever they run and are kept: on the server (server-comparison.ts), in this browser
 * (browser-comparison.ts), or both (mixed-comparison.ts). Who shows one need not know which it is.
 */
export interface Comparison {
  readonly address: Address;

  /** How it stands now; the same object while nothing changed. */
  readonly snapshot: () => Snapshot;
  /** Hears at most once a frame that this comparison has changed. @returns what ends it */
  readonly subscribe: (listener: () => void) => () => void;

  /**
   * Runs more lanes of the same input, or some of its lanes once more; what they said before goes, with its ratings.
   * Resolves once they are started, with the comparison that holds them from now on: one that gets its first lane
   * elsewhere becomes a mixed one. @throws Error, in words for the person
   */
  extend(wish: RunWish): Promise<Begun>;
  /** Stops everything, or one lane. */
  cancel(lane?: string): Promise<void>;
  /** Resolves when nothing of it runs any more. */
  whenEnded(): Promise<void>;

  /** Shown at once, and taken back where it cannot be kept. Undefined takes the rating away. @throws Error, in words */
  rate(lane: string, rating: Rating | undefined): Promise<void>;
  /** Sets the captions that people wrote. `before`: those that were changed; what others added meanwhile stays. */
  setReferences(lines: readonly string[], before: readonly string[]): Promise<void>;
  rename(title: string): Promise<void>;

  /** Keeps a lane's caption as what the person says of the photo. @throws Error, in words */
  accept(lane: string): Promise<void>;
  /**
   * Keeps a caption of the person's own. `id`: in place of one that is kept; `lane`: made of that lane's, or else
   * nobody's. @throws Error, in words
   */
  edit(text: string, of?: { id?: string; lane?: string }): Promise<void>;
  /** Takes away what the person said. */
  takeBack(id: string): Promise<void>;

  /** Sends what is in this browser alone to the studio. @returns where it is kept there */
  save(choice: SaveChoice): Promise<Address>;

  /** Reads again what another tab may have changed. */
  lookAgain(): Promise<void>;
  /** Ends following it; what runs in this browser is stopped. */
  close(): void;
}
