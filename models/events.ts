/**
 * What a comparison emits while it works, as schemas with the types inferred from them: a field is written once, is
 * bounded where a browser or a file says it, and means the same to whoever makes, keeps, sends and draws it. Whatever
 * runs in a browser imports types from here and no values: they bring zod along.
 */
import * as z from 'zod';
import { errorData } from './error-data';
import { device, precision } from './runtime/device';

/** Of one comparison. */
export const maxLanes = 16;

const text = z.string().max(4_000);
const name = z.string().max(64);
/** Whether a record may be kept under this name: every object has its own `constructor`, `__proto__` and the like. */
export const mayName = (key: string): boolean => !(key in {});
/** A lane's name in its comparison. */
export const laneId = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'letters, digits, dots, dashes and underscores, at most 64')
  .refine(mayName, 'another name, this one is JavaScript’s own');
const lane = laneId;
const real = z.number();
const count = z.number().int().min(0);
const tokens = z.array(count).max(256);

/** Values of a decoder's options by their names; which there are is the decoder's own (models/decoders). */
export const optionValues = z.record(name, z.union([z.number(), z.boolean(), text, tokens.readonly()]));
/** Lanes as they were planned: each with a name of its own and all its options. */
export const plannedLanes = z
  .array(z.strictObject({ id: lane, decoder: z.string().min(1).max(64), options: optionValues }))
  .min(1)
  .max(maxLanes);

/** One alternative for a step: token id, its text and natural-log probability. */
const alternative = z.strictObject({ id: count, text, logProb: real });

/** One token of a hypothesis and what stood beside it when it was chosen. */
const tokenChoice = alternative.extend({
  /** Entropy in nats of the distribution that it was chosen from. */
  entropy: real,
  /** Likeliest first; the token itself is among them only if it was that likely. */
  alternatives: z.array(alternative).max(64),
  /** It was given (`prefixTokens`), not chosen. */
  forced: z.boolean().optional(),
  /** Cosine of the caption up to this token and the input (option `cosineTrace`). */
  similarity: real.optional(),
});

/** A continuation that was weighed in a step and not kept. */
const droppedBeam = z.strictObject({
  parent: z.number().int(),
  token: count,
  text,
  /** Sum over the beam, and the score that ranked it. */
  logProb: real,
  score: real,
  /** Cosine of its text to the input, where the search asked for it. */
  similarity: real.optional(),
});
/**
 * One live beam after a step. `parent`: index in `beams` of the step before (0 in the first step). Beams that ended in
 * this step stand behind the live ones, so indices of live beams are rows of the model.
 */
const beamState = droppedBeam.extend({
  finished: z.boolean(),
  /** Entropy of the distribution that its token was chosen from. */
  entropy: real.optional(),
});

/**
 * One finished hypothesis. `logProb` is the sum of natural-log probabilities over `tokens` (end token included, not
 * listed).
 */
const hypothesis = z.strictObject({ caption: text, tokens, logProb: real, score: real, similarity: real });

/** Work counted by a decoder that scores its steps. */
const counters = z.strictObject({
  modelRuns: count,
  candidatesScored: count.optional(),
  textEncodings: count.optional(),
  textTokensEncoded: count.optional(),
  textTokensFull: count.optional(),
});

/**
 * A lane's own time on the device in one kind of work: `encode`, `prefill`, `step`, `score`, `map`, `pool`, `rank`,
 * `cosine`; `trace` and `insight` explain.
 */
const stageTime = z.strictObject({ stage: name, deviceMs: real, runs: count });

/** What the runtime tells of memory, in bytes. */
const memoryUse = z.strictObject({
  /** Graphs that this lane runs, weights included; graphs of several lanes are in memory once. */
  graphs: count,
  /**
   * Of the whole host, with all its lanes: resident memory of the server's process, or the heap of the browser's
   * worker.
   */
  host: count.optional(),
  hostKind: z.enum(['process', 'worker-heap']).optional(),
});

export const laneResult = z.strictObject({
  caption: text,
  tokens: tokens.describe('Token ids of the caption, without the end token'),
  logProb: real.describe('Sum of natural-log probabilities over the tokens, that of the end included'),
  similarity: real.describe('Cosine of caption and input in the space that similaritySpace names'),
  similaritySpace: name,
  optimised: z.boolean().describe('The search optimised this very cosine, so it may not rank the lane'),
  /**
   * The photo was encoded for this lane alone, cut as its authors' code cuts it, and the lane's cosines are to that;
   * `cosine`: of this embedding and the one that lanes share.
   */
  ownEmbedding: z.strictObject({ crop: z.literal('hugging-face'), cosine: real }).optional(),
  /**
   * A plain word for the cosine of a caption of a photo, where the family was calibrated at these options' defaults.
   */
  certainty: z.enum(['likely', 'unsure']).optional(),
  nBest: z.array(hypothesis).max(64).describe('Best first; the first is the caption above'),
  /** How each token of the caption was chosen, the end token last where the caption ended by itself. */
  trail: z.array(tokenChoice).max(256).optional(),
  /**
   * The lane's own work on the device, not the wall clock that it shares; what explains (`trace`, `insight`) is left
   * out.
   */
  deviceMs: real,
  stages: z.array(stageTime).max(64).optional(),
  memory: memoryUse.optional(),
  /** Wall clock from the lane's start to its end / to its first token. */
  ms: real.describe('Milliseconds of wall clock from the lane’s start to its end'),
  firstTokenMs: real,
  counters,
});

/** What lies behind a caption, one kind for each decoder (option `insight`). */
const insight = z.discriminatedUnion('kind', [
  /**
   * DeCap: the sentences of the memory that the projection leans on, heaviest first, and how far it moved the
   * embedding.
   */
  z.strictObject({
    kind: z.literal('memory'),
    tau: real,
    rows: count,
    /** Cosine of the embedding before and after. */
    moved: real,
    /** exp of the entropy of the weights: how many sentences share the work. */
    effectiveRows: real,
    sentences: z.array(z.strictObject({ text, weight: real, cosine: real })).max(64),
  }),
  /** CapDec: what was done to the embedding. `moved`: cosine before and after. */
  z.strictObject({
    kind: z.literal('modality'),
    noiseVariance: real,
    /** That it was trained with. */
    trainedVariance: real.optional(),
    offsetNorm: real,
    offsetUsed: z.boolean(),
    moved: real,
  }),
  /** CapDec: the lane's search again on noisy copies of its input. `moved`: cosine of noisy and clean input. */
  z.strictObject({
    kind: z.literal('noisy-samples'),
    variance: real,
    seed: count,
    samples: z.array(z.strictObject({ seed: count, moved: real, caption: text, similarity: real })).max(64),
  }),
  /** ClipCap, CapDec, DeCap: each slot of the prefix by the rows of the token table nearest to it. */
  z.strictObject({
    kind: z.literal('prefix'),
    slots: z
      .array(z.strictObject({ norm: real, words: z.array(z.strictObject({ id: count, text, cosine: real })).max(64) }))
      .max(256),
  }),
  /**
   * CoCa: how much each token of the caption looked at each cell of the image, rows × columns a token. `maps`: base64
   * of one byte a cell, each token's map scaled so that its greatest cell, `peaks[i]`, is 255. A map sums to 1, or less
   * where a class token was looked at too. `contrast`: where the pooling of its contrastive half looked, likewise.
   */
  z.strictObject({
    kind: z.literal('attention'),
    rows: count.max(256),
    columns: count.max(256),
    tokens,
    peaks: z.array(real).max(256),
    maps: z
      .string()
      .regex(/^[A-Za-z0-9+/]*={0,2}$/)
      .max(2_000_000),
    contrast: z
      .strictObject({
        peak: real,
        map: z
          .string()
          .regex(/^[A-Za-z0-9+/]*={0,2}$/)
          .max(100_000),
      })
      .optional(),
  }),
]);

/**
 * `lane` is the id that the request gave the lane. This one union feeds the page, the CLI, the database and the tests,
 * and holds all that is needed to draw every view again without a model. Fields that came later are optional: what was
 * stored before them can still be shown.
 */
export const studioEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('comparison-started'),
    family: name,
    device,
    precision,
    /** SHA-256 of the family's manifest: names these very weights. */
    familyHash: name.optional(),
    lanes: plannedLanes,
  }),
  z.strictObject({ type: z.literal('loading'), what: name, done: count, total: count }),
  z.strictObject({
    type: z.literal('encoded'),
    space: name,
    ms: real,
    norm: real,
    values: z.array(real).max(8_192).optional(),
  }),
  z.strictObject({ type: z.literal('lane-started'), lane }),
  z.strictObject({ type: z.literal('stage'), lane, stage: name, ms: real }),
  z.strictObject({
    type: z.literal('step'),
    lane,
    step: count,
    /** The token that the leading beam took in this step. */
    token: count,
    text,
    logProb: real,
    /** Entropy of the leading beam's next-token distribution in nats, where the graph gives it. */
    entropy: real.optional(),
    alternatives: z.array(alternative).max(64),
    beams: z.array(beamState).max(64),
    /** Index in `beams` of the hypothesis that leads, which `partial` shows. */
    leader: count.optional(),
    /** The best of those that were weighed and not kept, and how many were weighed. */
    dropped: z.array(droppedBeam).max(64).optional(),
    weighed: count.optional(),
    /**
     * Sampling draws captions one after the other and `rounds` writes whole ones: which caption or round this step
     * belongs to, from 0.
     */
    pass: count.optional(),
    /** The beams are whole captions of a round, not single tokens. */
    whole: z.boolean().optional(),
    /** Caption of the leading beam so far. */
    partial: text,
    /** Cosine of `partial` and the input (option `cosineTrace`). */
    similarity: real.optional(),
    /** The lane's own device time since its step before, without what explains. */
    deviceMs: real.optional(),
  }),
  z.strictObject({ type: z.literal('insight'), lane, insight }),
  z.strictObject({ type: z.literal('lane-finished'), lane, result: laneResult }),
  z.strictObject({ type: z.literal('lane-failed'), lane, error: errorData }),
  z.strictObject({ type: z.literal('comparison-finished'), ms: real }),
]);

export type Alternative = z.infer<typeof alternative>;
export type TokenChoice = z.infer<typeof tokenChoice>;
export type BeamState = z.infer<typeof beamState>;
export type DroppedBeam = z.infer<typeof droppedBeam>;
export type Hypothesis = z.infer<typeof hypothesis>;
export type Counters = z.infer<typeof counters>;
export type StageTime = z.infer<typeof stageTime>;
export type MemoryUse = z.infer<typeof memoryUse>;
export type LaneResult = z.infer<typeof laneResult>;
export type Insight = z.infer<typeof insight>;
export type StudioEvent = z.infer<typeof studioEvent>;
export type EventOf<T extends StudioEvent['type']> = Extract<StudioEvent, { type: T }>;
