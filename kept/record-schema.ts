/** The files that an export writes and an import takes, as schemas; the page imports the types alone. */
import * as z from 'zod';
import { errorData } from '../models/error-data';
import { laneId, laneResult, maxLanes, optionValues, studioEvent } from '../models/events';
import { device, precision } from '../models/runtime/device';
import { embedding, finalStatus, modality, personCaptions, rating, references, sha256Hex, title } from './fields';
import { sampleNames } from './samples';

const moment = z.iso.datetime();
/** A lane that has ended. */
const laneRecord = z.strictObject({
  id: laneId,
  decoder: z.string().min(1).max(64),
  options: optionValues,
  status: finalStatus,
  result: laneResult.nullable(),
  error: errorData.nullable(),
  /** What its owner thought of the caption; left out where it is not rated. */
  rating: rating.optional(),
});
export type LaneRecord = z.infer<typeof laneRecord>;

/**
 * One item of the `comparison.events` subscription, under a tracked id (its number in the comparison, from 0).
 * The last one is always `ended`; after it the stream closes for good.
 */
const streamItem = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('queued'),
    /** Comparisons that start before this one. */
    ahead: z.number().int().min(0),
  }),
  z.strictObject({
    kind: z.literal('event'),
    /** Milliseconds since the comparison was made. */
    at: z.number(),
    event: studioEvent,
  }),
  z.strictObject({ kind: z.literal('ended'), status: finalStatus, error: errorData.optional() }),
]);
export type StreamItem = z.infer<typeof streamItem>;

/** What names a picture: pixels of one that is kept without loss (whoever encodes it), bytes of a JPEG. */
const pictureDigest = z.strictObject({
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  of: z.enum(['pixels', 'file']),
  sha256: sha256Hex,
});
export type PictureDigest = z.infer<typeof pictureDigest>;

/**
 * A comparison apart from the place where it is kept: all that draws its views and runs it again; every field known,
 * bounded and of the right kind. Its content hash is the SHA-256 of its canonical JSON, so the same comparison has the
 * same hash in every studio.
 */
export const recordSchema = z
  .strictObject({
    createdAt: moment,
    endedAt: moment.nullable(),
    status: finalStatus,
    title,
    note: z.string().max(10_000),
    family: z.string().min(1).max(64),
    familyHash: sha256Hex.nullable(),
    weightHashes: z.record(z.string().max(200), sha256Hex).nullable(),
    appVersion: z.string().max(40).nullable(),
    precision: precision.nullable(),
    device: device.nullable(),
    input: z.enum(['image', 'sample', 'embedding']),
    /** Which of the samples; left out for the first. */
    sample: z.enum(sampleNames).optional(),
    computedBy: z.enum(['server', 'client']),
    picture: pictureDigest.nullable(),
    embedding: embedding.nullable(),
    /** Left out for a picture. */
    modality: modality.optional(),
    /** Left out where there are none. */
    references: references.min(1).optional(),
    /** What its owner says of the photo; left out where that is nothing. */
    said: personCaptions.min(1).optional(),
    error: errorData.nullable(),
    lanes: z.array(laneRecord).min(1).max(maxLanes),
    items: z.array(streamItem).min(1).max(50_000),
  })
  .superRefine(({ items, lanes, status: ended }, context) => {
    const last = items.at(-1);
    if (last?.kind !== 'ended' || last.status !== ended)
      context.addIssue({
        code: 'custom',
        path: ['items'],
        message: 'the last item must be the end, with the status of the comparison',
      });
    const ids = lanes.map(({ id }) => id);
    if (new Set(ids).size !== ids.length)
      context.addIssue({ code: 'custom', path: ['lanes'], message: 'two lanes have the same id' });
    const said = context.value.said?.map(({ id }) => id) ?? [];
    if (new Set(said).size !== said.length)
      context.addIssue({ code: 'custom', path: ['said'], message: 'two captions of a person have the same id' });
    for (const [index, { rating, result }] of lanes.entries())
      if (rating && !result)
        context.addIssue({
          code: 'custom',
          path: ['lanes', index, 'rating'],
          message: 'there is no caption that it could be of',
        });
    for (const [index, entry] of items.entries())
      if (entry.kind === 'event' && 'lane' in entry.event && !ids.includes(entry.event.lane)) {
        context.addIssue({
          code: 'custom',
          path: ['items', index, 'event', 'lane'],
          message: `there is no lane "${entry.event.lane}"`,
        });
        return;
      }
  });

export type ComparisonRecord = z.infer<typeof recordSchema>;

/** A picture as files hold it. */
const picture = z.strictObject({ mime: z.enum(['image/png', 'image/jpeg']), base64: z.base64().max(40_000_000) });
export type Picture = z.infer<typeof picture>;

/** One comparison of a file, with the bytes of its picture beside it. */
export const exportedSchema = z.strictObject({
  hash: sha256Hex,
  comparison: recordSchema,
  picture: picture.nullable(),
});
export type ExportedComparison = z.infer<typeof exportedSchema>;
