import type { ErrorData } from './errors';
import type { Device, Precision } from './runtime/types';

/** One alternative for a step: token id, its text and natural-log probability. */
export type Alternative = { id: number; text: string; logProb: number };

/** One live beam after a step. `parent` is the index of the beam it grew from in the step before. */
export type BeamState = { parent: number; token: number; text: string; logProb: number; score: number; finished: boolean; similarity?: number };

/** One finished hypothesis. `logProb` is the sum of natural-log probabilities over `tokens` (end token included, not listed). */
export type Hypothesis = { caption: string; tokens: number[]; logProb: number; score: number; similarity: number };

/** Work counted by the iterative decoder. */
export type Counters = { modelRuns: number; candidatesScored?: number; textEncodings?: number; textTokensEncoded?: number; textTokensFull?: number };

export type LaneResult = {
  caption: string;
  tokens: number[];
  logProb: number;
  /** Cosine of caption and input in `similaritySpace`. */
  similarity: number;
  similaritySpace: string;
  /** The search optimised this very cosine, so it may not rank the lane. */
  optimised: boolean;
  /** Best first; the first is the caption above. */
  nBest: Hypothesis[];
  /** The lane's own work on the device, not the wall clock that it shares. */
  deviceMs: number;
  /** Wall clock from the lane's start to its end / to its first token. */
  ms: number;
  firstTokenMs: number;
  counters: Counters;
};

/**
 * What a comparison emits while it works. `lane` is the id that the request gave the lane. This one union feeds the page,
 * the CLI, the database and the tests.
 */
export type StudioEvent =
  | { type: 'comparison-started'; family: string; device: Device; precision: Precision; /** SHA-256 of the family's manifest: names these very weights. */ familyHash?: string; lanes: { id: string; decoder: string; options: Record<string, unknown> }[] }
  | { type: 'loading'; what: string; done: number; total: number }
  | { type: 'encoded'; space: string; ms: number; norm: number; values?: number[] }
  | { type: 'lane-started'; lane: string }
  | { type: 'stage'; lane: string; stage: string; ms: number }
  | {
      type: 'step';
      lane: string;
      step: number;
      /** The token that the best live beam took in this step. */
      token: number;
      text: string;
      logProb: number;
      /** Entropy of the best beam's next-token distribution in nats, where the graph gives it. */
      entropy?: number;
      alternatives: Alternative[];
      beams: BeamState[];
      /** Caption of the best live beam so far. */
      partial: string;
    }
  | { type: 'lane-finished'; lane: string; result: LaneResult }
  | { type: 'lane-failed'; lane: string; error: ErrorData }
  | { type: 'comparison-finished'; ms: number };
export type EventOf<T extends StudioEvent['type']> = Extract<StudioEvent, { type: T }>;
