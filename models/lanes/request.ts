import type { Scheduler } from '../runtime/scheduler';
import type { Precision } from '../runtime/types';
import type { Embedding } from '../spaces/embedding';
import type { RgbImage } from '../spaces/image';
import type { Family } from '../weights/family';

export type CompareInput = { kind: 'image'; image: RgbImage } | { kind: 'embedding'; embedding: Embedding };
export type LaneRequest = {
  /** Names the lane in events; unique in the request. */
  id: string;
  decoder: string;
  options?: Record<string, unknown>;
};
export type CompareRequest = {
  family: string;
  precision?: Precision;
  input: CompareInput;
  lanes: readonly LaneRequest[];
  /** Puts the values of the embedding into the `encoded` event. */
  includeEmbedding?: boolean;
};
export type CompareContext = {
  /** Of the device that the families live on; shared by all comparisons there. */
  scheduler: Scheduler;
  /** @throws family-unknown, weights-missing */
  openFamily(name: string, precision?: Precision): Promise<Family>;
  signal?: AbortSignal;
  /** Stops one lane while its neighbours go on. */
  laneSignal?(lane: string): AbortSignal | undefined;
};
