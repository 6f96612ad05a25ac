/**
 * A comparison as it is kept, wherever that is: in the studio's database, in a browser's storage, in a file. What page
 * and server both do
 * with one (exports, replays) lies beside this.
 */
import type { ErrorData } from '../models/errors';
import type { Device, Precision } from '../models/runtime/types';
import type { FinalStatus, PersonCaption } from './fields';
import type { LaneRecord, StreamItem } from './record-schema';
import type { SampleName } from './samples';

/** Everything but `queued` and `running` is final. */
export type ComparisonStatus = 'queued' | 'running' | FinalStatus;
export type LaneStatus = 'waiting' | 'running' | FinalStatus;
export type { FinalStatus, StreamItem };

export type LaneView = Omit<LaneRecord, 'status'> & { status: LaneStatus };

/** Output of `comparison.get`: all that is known of a comparison, enough to draw a finished one again. */
export type ComparisonView = {
  id: string;
  createdAt: Date;
  /** What its owner calls it, and what its owner noted: plain text. */
  title: string;
  note: string;
  /** Version of the studio that ran it, and SHA-256 of every weight file then. */
  appVersion: string | null;
  weightHashes: Record<string, string> | null;
  /** The comparison that this one repeats. */
  replayOf: string | null;
  endedAt: Date | null;
  status: ComparisonStatus;
  family: string;
  precision: Precision | null;
  device: Device | null;
  input: 'image' | 'sample' | 'embedding';
  /** Which of the samples; null: the first, or none. */
  sample: SampleName | null;
  /** Null where a browser computed it and the picture was not sent along. */
  image: { id: string; url: string; thumbnailUrl: string; width: number; height: number } | null;
  /** `client`: a visitor's browser computed it, and its word is all there is for the results. */
  computedBy: 'server' | 'client';
  /** SHA-256 of the family's manifest. */
  familyHash: string | null;
  /** The input's embedding, where it was sent along. */
  embedding: number[] | null;
  /** What an embedding that was given is of: decoders treat the two modalities differently. Null for a picture. */
  modality: 'image' | 'text' | null;
  /** Captions that people wrote for the input, to score the lanes by. */
  references: string[];
  /** What its owner says of the photo, apart from what decoders said. */
  said: PersonCaption[];
  lanes: LaneView[];
  error: ErrorData | null;
  /** In order, from the first. */
  items: StreamItem[];
  /** Give it to `comparison.events` to go on after `items`; null when there are none yet. */
  lastEventId: string | null;
};

/** Why a replay may differ: what is not as it was. */
export type ReplayDifference = {
  what: 'device' | 'precision' | 'weights' | 'version';
  before: string;
  after: string;
  /** Weight files that changed. */ files?: string[];
};
export type ReplayLane = {
  id: string;
  decoder: string;
  same: boolean;
  before: string | null;
  after: string | null;
  /** Index of the first token that differs. */
  firstDifference: number | null;
  /** Between the sums of log-probabilities, where both have a caption. */
  logProbDifference?: number;
  /** When it had no caption, and why: an error's words, or how the lane stood. */
  lacks?: { when: 'both' } | { when: 'now' | 'then'; why: string };
};
/** A comparison that was run again, beside the original. */
export type ReplayReport = {
  of: string;
  id: string | null;
  same: boolean;
  lanes: ReplayLane[];
  differences: ReplayDifference[];
};
