import * as z from 'zod';
import type { CreateComparison, ExtendComparison } from '../../../kept/requests';

export const maxLanes = 16;
/** An id that this server made (images.ts); anything else cannot exist. */
export const id = z.string().regex(/^[\w-]{1,64}$/, 'not an id of this studio');

/** A name that a person gives; plain text, never markup. */
export const title = z.string().trim().max(200, 'at most 200 characters');

/** Captions that people wrote for a picture, one each. */
export const referencesShape = z
  .array(z.string().trim().min(1).max(500, 'at most 500 characters a caption'))
  .max(50, 'at most 50 reference captions');

/** What a person thought of a caption. */
export const ratingShape = z.strictObject({ stars: z.number().int().min(1).max(5), blind: z.boolean() });

export const laneId = z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits, dots, dashes and underscores, at most 64');
const lane = z.strictObject({
  id: laneId.optional(),
  decoder: z.string().min(1).max(64),
  options: z
    .record(
      z.string().max(64),
      z.union([z.string().max(2_000), z.number(), z.boolean(), z.array(z.number().int().min(0)).max(256)]),
    )
    .optional(),
});
export const createInput: z.ZodType<CreateComparison> = z.strictObject({
  input: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('image'), imageId: id }),
    z.strictObject({ kind: z.literal('sample') }),
    z.strictObject({
      kind: z.literal('embedding'),
      values: z.array(z.number()).min(1).max(8_192),
      modality: z.enum(['image', 'text']).optional(),
    }),
  ]),
  lanes: z.array(lane).min(1).max(maxLanes).optional(),
  family: z.string().min(1).max(64).optional(),
  precision: z.enum(['fp32', 'fp16', 'q8']).optional(),
  title: title.optional(),
});
export const extendInput: z.ZodType<ExtendComparison> = z.strictObject({
  id,
  lanes: z.array(lane).min(1).max(maxLanes),
});
