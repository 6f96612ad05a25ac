import type { Certainty } from './certainty';
import type { ErrorData } from './errors';
import type { Device, Precision } from './runtime/types';

/** One alternative for a step: token id, its text and natural-log probability. */
export type Alternative = { id: number; text: string; logProb: number };

/** One token of a hypothesis and what stood beside it when it was chosen. */
export type TokenChoice = Alternative & {
  /** Entropy in nats of the distribution that it was chosen from. */
  entropy: number;
  /** Likeliest first; the token itself is among them only if it was that likely. */
  alternatives: Alternative[];
  /** It was given (`prefixTokens`), not chosen. */
  forced?: boolean;
  /** Cosine of the caption up to this token and the input (option `cosineTrace`). */
  similarity?: number;
};

/**
 * One live beam after a step. `parent`: index in `beams` of the step before (0 in the first step). Beams that ended in
 * this step stand
 * behind the live ones, so indices of live beams are rows of the model.
 */
export type BeamState = {
  parent: number;
  token: number;
  text: string;
  /** Sum over the beam, and the score that ranked it. */
  logProb: number;
  score: number;
  finished: boolean;
  /** Cosine of its text to the input, where the search asked for it. */
  similarity?: number;
  /** Entropy of the distribution that its token was chosen from. */
  entropy?: number;
};
/** A continuation that was weighed in a step and not kept. */
export type DroppedBeam = Omit<BeamState, 'finished' | 'entropy'>;

/**
 * One finished hypothesis. `logProb` is the sum of natural-log probabilities over `tokens` (end token included, not
 * listed).
 */
export type Hypothesis = { caption: string; tokens: number[]; logProb: number; score: number; similarity: number };

/** Work counted by the iterative decoder. */
export type Counters = {
  modelRuns: number;
  candidatesScored?: number;
  textEncodings?: number;
  textTokensEncoded?: number;
  textTokensFull?: number;
};

/**
 * A lane's own time on the device in one kind of work: `encode`, `prefill`, `step`, `score`, `map`, `pool`, `rank`,
 * `cosine`; `trace` and `insight` explain.
 */
export type StageTime = { stage: string; deviceMs: number; runs: number };

/** What the runtime tells of memory, in bytes. */
export type MemoryUse = {
  /** Graphs that this lane runs, weights included; graphs of several lanes are in memory once. */
  graphs: number;
  /**
   * Of the whole host, with all its lanes: resident memory of the server's process, or the heap of the browser's
   * worker.
   */
  host?: number;
  hostKind?: 'process' | 'worker-heap';
};

export type LaneResult = {
  caption: string;
  tokens: number[];
  logProb: number;
  /** Cosine of caption and input in `similaritySpace`. */
  similarity: number;
  similaritySpace: string;
  /** The search optimised this very cosine, so it may not rank the lane. */
  optimised: boolean;
  /**
   * The photo was encoded for this lane alone, cut as its authors' code cuts it, and the lane's cosines are to that;
   * `cosine`: of this embedding and the one that lanes share.
   */
  ownEmbedding?: { crop: 'hugging-face'; cosine: number };
  /**
   * A plain word for the cosine of a caption of a photo, where the family was calibrated at these options' defaults.
   */
  certainty?: Certainty;
  /** Best first; the first is the caption above. */
  nBest: Hypothesis[];
  /** How each token of the caption was chosen, the end token last where the caption ended by itself. */
  trail?: TokenChoice[];
  /**
   * The lane's own work on the device, not the wall clock that it shares; what explains (`trace`, `insight`) is left
   * out.
   */
  deviceMs: number;
  stages?: StageTime[];
  memory?: MemoryUse;
  /** Wall clock from the lane's start to its end / to its first token. */
  ms: number;
  firstTokenMs: number;
  counters: Counters;
};

/** What lies behind a caption, one kind for each decoder (option `insight`). */
export type Insight =
  /**
   * DeCap: the sentences of the memory that the projection leans on, heaviest first, and how far it moved the
   * embedding.
   */
  | {
      kind: 'memory';
      tau: number;
      rows: number;
      /** Cosine of the embedding before and after. */ moved: number;
      /** exp of the entropy of the weights: how many sentences share the work. */ effectiveRows: number;
      sentences: { text: string; weight: number; cosine: number }[];
    }
  /** CapDec: what was done to the embedding. `moved`: cosine before and after. */
  | {
      kind: 'modality';
      noiseVariance: number;
      /** That it was trained with. */ trainedVariance?: number;
      offsetNorm: number;
      offsetUsed: boolean;
      moved: number;
    }
  /** CapDec: the lane's search again on noisy copies of its input. */
  | {
      kind: 'noisy-samples';
      variance: number;
      seed: number;
      samples: {
        seed: number;
        /** Cosine of noisy and clean input. */ moved: number;
        caption: string;
        similarity: number;
      }[];
    }
  /** ClipCap, CapDec, DeCap: each slot of the prefix by the rows of the token table nearest to it. */
  | { kind: 'prefix'; slots: { norm: number; words: { id: number; text: string; cosine: number }[] }[] }
  /**
   * CoCa: how much each token of the caption looked at each cell of the image, rows × columns a token. `maps`: base64
   * of one byte a cell,
   * each token's map scaled so that its greatest cell, `peaks[i]`, is 255. A map sums to 1.
   */
  | { kind: 'attention'; rows: number; columns: number; tokens: number[]; peaks: number[]; maps: string };

/**
 * What a comparison emits while it works. `lane` is the id that the request gave the lane. This one union feeds the
 * page,
 * the CLI, the database and the tests, and holds all that is needed to draw every view again without a model. Fields
 * that came later
 * are optional: what was stored before them can still be shown.
 */
export type StudioEvent =
  | {
      type: 'comparison-started';
      family: string;
      device: Device;
      precision: Precision;
      /** SHA-256 of the family's manifest: names these very weights. */ familyHash?: string;
      lanes: { id: string; decoder: string; options: Record<string, unknown> }[];
    }
  | { type: 'loading'; what: string; done: number; total: number }
  | { type: 'encoded'; space: string; ms: number; norm: number; values?: number[] }
  | { type: 'lane-started'; lane: string }
  | { type: 'stage'; lane: string; stage: string; ms: number }
  | {
      type: 'step';
      lane: string;
      step: number;
      /** The token that the leading beam took in this step. */
      token: number;
      text: string;
      logProb: number;
      /** Entropy of the leading beam's next-token distribution in nats, where the graph gives it. */
      entropy?: number;
      alternatives: Alternative[];
      beams: BeamState[];
      /** Index in `beams` of the hypothesis that leads, which `partial` shows. */
      leader?: number;
      /** The best of those that were weighed and not kept, and how many were weighed. */
      dropped?: DroppedBeam[];
      weighed?: number;
      /**
       * Sampling draws captions one after the other and `rounds` writes whole ones: which caption or round this step
       * belongs to, from 0.
       */
      pass?: number;
      /** The beams are whole captions of a round, not single tokens. */
      whole?: boolean;
      /** Caption of the leading beam so far. */
      partial: string;
      /** Cosine of `partial` and the input (option `cosineTrace`). */
      similarity?: number;
      /** The lane's own device time since its step before, without what explains. */
      deviceMs?: number;
    }
  | { type: 'insight'; lane: string; insight: Insight }
  | { type: 'lane-finished'; lane: string; result: LaneResult }
  | { type: 'lane-failed'; lane: string; error: ErrorData }
  | { type: 'comparison-finished'; ms: number };
export type EventOf<T extends StudioEvent['type']> = Extract<StudioEvent, { type: T }>;
