/** Fields that requests, records and events share, each with its bounds. */
import * as z from 'zod';

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
