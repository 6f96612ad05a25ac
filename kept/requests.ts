/**
 * What the page asks the server for, as schemas with the types inferred from them. The page imports the types alone:
 * values bring zod along.
 */
import * as z from 'zod';
import { laneId, maxLanes, plannedLanes, studioEvent } from '../models/events';
import { device, precision } from '../models/runtime/device';
import {
  embedding,
  finalStatus,
  id,
  modality,
  personCaptions,
  rating,
  references,
  saidCaption,
  sha256Hex,
  title,
} from './fields';
import { sampleNames } from './samples';

const family = z.string().min(1).max(64);
const laneRequest = z.strictObject({
  id: laneId.optional().describe('Names the lane in events; without it the decoder’s name, made unique (NAME, NAME-2)'),
  decoder: z.string().min(1).max(64),
  options: z
    .record(
      z.string().max(64),
      z.union([z.string().max(2_000), z.number(), z.boolean(), z.array(z.number().int().min(0)).max(256).readonly()]),
    )
    .optional()
    .describe('Checked against the decoder’s own option list; what is left out takes its default'),
});
export type LaneRequest = z.infer<typeof laneRequest>;
const laneRequests = z.array(laneRequest).min(1).max(maxLanes);

/** Input of `comparison.create`. */
export const createInput = z.strictObject({
  input: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('image'), imageId: id }),
    /** Without a name the first of them. */
    z.strictObject({ kind: z.literal('sample'), sample: z.enum(sampleNames).optional() }),
    /** Raw or unit, of the family's space. */
    z.strictObject({ kind: z.literal('embedding'), values: embedding, modality: modality.optional() }),
  ]),
  lanes: laneRequests.optional().describe('Without it one lane for every decoder at its defaults'),
  family: family.optional().describe('Default: the first family'),
  precision: precision.optional().describe('Default: what the server was started with'),
  title: title.optional().describe('What the person calls it; the name of the file, say'),
});
export type CreateComparison = z.infer<typeof createInput>;

/**
 * Input of `comparison.extend`: more lanes of the same input, after those that run. A lane of a known id is run once
 * more in its place.
 */
export const extendInput = z.strictObject({ id, lanes: laneRequests });
export type ExtendComparison = z.infer<typeof extendInput>;

/** Input of `studio.embedTexts`; its output are the raw embeddings, in order. */
export const embedTextsInput = z.strictObject({
  family,
  texts: z.array(z.string().trim().min(1, 'a text needs a word').max(400, 'at most 400 characters')).min(1).max(8),
});
export type EmbedTexts = z.infer<typeof embedTextsInput>;

/** Input of `history.rate`; null takes the rating away. */
export const rateInput = z.strictObject({ id, lane: laneId, rating: rating.nullable() });
export type RateLane = z.infer<typeof rateInput>;

/** Input of `history.say`: a caption of the person's, in place of the one of the same id where there is one. */
export const sayInput = z.strictObject({ id, caption: saidCaption });
export type Say = z.infer<typeof sayInput>;
/** Input of `history.takeBack`. */
export const takeBackInput = z.strictObject({ id, caption: saidCaption.shape.id });
export type TakeBack = z.infer<typeof takeBackInput>;

/** Input of `history.edit`: what is left out stays. */
export const editInput = z.strictObject({
  id,
  title: title.optional(),
  note: z.string().max(10_000, 'at most 10,000 characters').optional(),
  references: references.optional(),
  /** The references that were changed: what somebody else added meanwhile stays. */
  referencesBefore: references.optional(),
});
export type EditComparison = z.infer<typeof editInput>;

/** What a browser saves holds its embedding where it was sent by choice, and nowhere else. */
const sentEvent = studioEvent.refine(
  (event) => event.type !== 'encoded' || !event.values,
  'an embedding goes into `embedding` alone',
);
/**
 * Input of `comparison.save`: what a browser computed. Picture and embedding only where the person chose to send them.
 */
export const saveInput = z.strictObject({
  family,
  familyHash: sha256Hex.optional(),
  precision,
  /** Of the first run; the items name each lane's own. */
  device,
  imageId: id.optional(),
  title: title.optional(),
  /** What it is of; without it an image. */
  input: z.enum(['image', 'embedding']).optional(),
  embedding: embedding.optional(),
  /** Of an embedding that was given. */
  modality: modality.optional(),
  /** Captions that people wrote for the input, to score the lanes by. */
  references: references.optional(),
  /** Of lanes that have a caption. */
  ratings: z.record(laneId, rating).optional(),
  /** What the person says of the photo. */
  said: personCaptions.optional(),
  lanes: plannedLanes,
  /** All runs' items, one run after the other, without `queued` and `ended`. */
  items: z
    .array(z.strictObject({ kind: z.literal('event'), at: z.number(), event: sentEvent }))
    .min(1)
    .max(5_000),
  status: finalStatus,
});
export type SaveComparison = z.infer<typeof saveInput>;
