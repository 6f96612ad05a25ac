import * as z from 'zod';
import { errorCodes } from '../models/errors';
import type { StudioEvent } from '../models/events';
import type { SaveComparison } from './requests';
import { id, laneId, maxLanes, ratingShape, referencesShape, title } from './fields';

const text = z.string().max(4_000);
const lane = z.string().regex(/^[\w.-]{1,64}$/);
const real = z.number();
const count = z.number().int().min(0);
export const deviceShape = z.strictObject({
  name: z.enum(['cpu', 'cuda', 'webgpu', 'coreml', 'dml', 'wasm']),
  adapter: text.optional(),
  reason: text.optional(),
  instead: text.optional(),
});
export const precisionShape = z.enum(['fp32', 'fp16', 'q8']);
export const optionsShape = z.record(z.string().max(64), z.union([text, real, z.boolean(), z.array(count).max(256)]));
export const laneListShape = z
  .array(z.strictObject({ id: lane, decoder: z.string().min(1).max(64), options: optionsShape }))
  .min(1)
  .max(maxLanes);
export const errorShape = z.strictObject({
  code: z.enum(errorCodes),
  message: text,
  details: z.record(z.string(), z.unknown()).optional(),
});
const alternative = z.strictObject({ id: count, text, logProb: real });
const dropped = z.strictObject({
  parent: z.number().int(),
  token: count,
  text,
  logProb: real,
  score: real,
  similarity: real.optional(),
});
const beam = dropped.extend({ finished: z.boolean(), entropy: real.optional() });
const choice = alternative.extend({
  entropy: real,
  alternatives: z.array(alternative).max(64),
  forced: z.boolean().optional(),
  similarity: real.optional(),
});
const insight = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('memory'),
    tau: real,
    rows: count,
    moved: real,
    effectiveRows: real,
    sentences: z.array(z.strictObject({ text, weight: real, cosine: real })).max(64),
  }),
  z.strictObject({
    kind: z.literal('modality'),
    noiseVariance: real,
    trainedVariance: real.optional(),
    offsetNorm: real,
    offsetUsed: z.boolean(),
    moved: real,
  }),
  z.strictObject({
    kind: z.literal('noisy-samples'),
    variance: real,
    seed: count,
    samples: z.array(z.strictObject({ seed: count, moved: real, caption: text, similarity: real })).max(64),
  }),
  z.strictObject({
    kind: z.literal('prefix'),
    slots: z
      .array(z.strictObject({ norm: real, words: z.array(z.strictObject({ id: count, text, cosine: real })).max(64) }))
      .max(256),
  }),
  z.strictObject({
    kind: z.literal('attention'),
    rows: count.max(256),
    columns: count.max(256),
    tokens: z.array(count).max(256),
    peaks: z.array(real).max(256),
    maps: z
      .string()
      .regex(/^[A-Za-z0-9+/]*={0,2}$/)
      .max(2_000_000),
  }),
]);
const hypothesis = z.strictObject({
  caption: text,
  tokens: z.array(count).max(256),
  logProb: real,
  score: real,
  similarity: real,
});
export const resultShape = z.strictObject({
  caption: text,
  tokens: z.array(count).max(256),
  logProb: real,
  similarity: real,
  similaritySpace: z.string().max(64),
  optimised: z.boolean(),
  ownEmbedding: z.strictObject({ crop: z.literal('hugging-face'), cosine: real }).optional(),
  certainty: z.enum(['likely', 'unsure']).optional(),
  nBest: z.array(hypothesis).max(64),
  trail: z.array(choice).max(256).optional(),
  stages: z
    .array(z.strictObject({ stage: z.string().max(64), deviceMs: real, runs: count }))
    .max(64)
    .optional(),
  memory: z
    .strictObject({ graphs: count, host: count.optional(), hostKind: z.enum(['process', 'worker-heap']).optional() })
    .optional(),
  deviceMs: real,
  ms: real,
  firstTokenMs: real,
  counters: z.strictObject({
    modelRuns: count,
    candidatesScored: count.optional(),
    textEncodings: count.optional(),
    textTokensEncoded: count.optional(),
    textTokensFull: count.optional(),
  }),
});

/** The events of models/events.ts; a browser's word, so every field is bounded. */
export const eventShape: z.ZodType<StudioEvent> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('comparison-started'),
    family: z.string().max(64),
    device: deviceShape,
    precision: precisionShape,
    familyHash: z.string().max(64).optional(),
    lanes: laneListShape,
  }),
  z.strictObject({ type: z.literal('loading'), what: z.string().max(64), done: count, total: count }),
  z.strictObject({
    type: z.literal('encoded'),
    space: z.string().max(64),
    ms: real,
    norm: real,
    values: z.array(real).max(8_192).optional(),
  }),
  z.strictObject({ type: z.literal('lane-started'), lane }),
  z.strictObject({ type: z.literal('stage'), lane, stage: z.string().max(64), ms: real }),
  z.strictObject({
    ...{
      type: z.literal('step'),
      lane,
      step: count,
      token: count,
      text,
      logProb: real,
      entropy: real.optional(),
      alternatives: z.array(alternative).max(64),
      beams: z.array(beam).max(64),
      partial: text,
    },
    ...{
      leader: count.optional(),
      dropped: z.array(dropped).max(64).optional(),
      weighed: count.optional(),
      pass: count.optional(),
      whole: z.boolean().optional(),
      similarity: real.optional(),
      deviceMs: real.optional(),
    },
  }),
  z.strictObject({ type: z.literal('insight'), lane, insight }),
  z.strictObject({ type: z.literal('lane-finished'), lane, result: resultShape }),
  z.strictObject({ type: z.literal('lane-failed'), lane, error: errorShape }),
  z.strictObject({ type: z.literal('comparison-finished'), ms: real }),
]);

/** What a browser saves holds its embedding where it was sent by choice, and nowhere else. */
const sentEvent = eventShape.refine(
  (event) => event.type !== 'encoded' || !event.values,
  'an embedding goes into `embedding` alone',
);

export const saveInput: z.ZodType<SaveComparison> = z.strictObject({
  family: z.string().min(1).max(64),
  familyHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  precision: precisionShape,
  device: deviceShape,
  imageId: id.optional(),
  title: title.optional(),
  input: z.enum(['image', 'embedding']).optional(),
  embedding: z.array(real).min(1).max(8_192).optional(),
  modality: z.enum(['image', 'text']).optional(),
  references: referencesShape.optional(),
  ratings: z.record(laneId, ratingShape).optional(),
  lanes: laneListShape,
  items: z
    .array(z.strictObject({ kind: z.literal('event'), at: real, event: sentEvent }))
    .min(1)
    .max(5_000),
  status: z.enum(['finished', 'cancelled', 'failed', 'interrupted']),
});
