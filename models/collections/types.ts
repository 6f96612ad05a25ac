import type { ErrorData } from '../errors';
import type { LaneResult } from '../events';
import type { LaneRequest } from '../lanes/request';
import type { Device, Precision } from '../runtime/types';
import type { Embedding } from '../spaces/embedding';
import type { PreparedPhoto } from '../spaces/prepared';

/**
 * Photos that are captioned side by side: rows of many photos go through a model in one run. What is answered depends
 * on the photos of the batch, their order, the family, the lanes and the device alone.
 */
export type BatchRequest = {
  family: string;
  precision?: Precision;
  /** None: only embeddings are wanted. */
  lanes: readonly LaneRequest[];
  photos: readonly BatchInput[];
  /** Also tells the raw embeddings. */
  includeEmbedding?: boolean;
};

/** What is captioned: a photo, or an embedding of the family's space. */
export type BatchGiven = { image: PreparedPhoto } | { embedding: Embedding };
/** `key`: unique in the batch; random numbers of a lane follow its seed and this. */
export type BatchInput = { key: string } & BatchGiven;

/** One photo and one lane. No times: the same request gives the same rows. */
export type BatchRow = {
  lane: string;
  decoder: string;
  /** Seed that this photo's random numbers followed, where the lane draws any. */
  seed?: number;
  /** Absent where the lane failed (`error`). */
  caption?: string;
  tokens?: number[];
  logProb?: number;
  /** Cosine of caption and photo in the family's space. */
  similarity?: number;
  certainty?: 'likely' | 'unsure';
  /** The mode's own cut of the photo, where it is another than the space's. */
  ownEmbedding?: LaneResult['ownEmbedding'];
  /** The search optimised this cosine. */
  optimised?: boolean;
  /** All that were found, best first, the caption among them, with their cosines. */
  captions?: string[];
  similarities?: number[];
  error?: ErrorData;
};

export type BatchPhoto = {
  key: string;
  /** [dim], raw. */
  embedding?: Float32Array;
  /** The photo could not be encoded. */
  error?: ErrorData;
  /** One a lane, in the order of the request. */
  rows: BatchRow[];
};

export type BatchAnswer = {
  family: string;
  familyHash: string;
  space: string;
  device: Device;
  precision: Precision;
  /** The lanes with all their options. */
  lanes: readonly LaneRequest[];
  /** In the order of the request. */
  photos: BatchPhoto[];
};
