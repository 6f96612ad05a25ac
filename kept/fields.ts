/** Fields that requests and records share, each with its bounds. */
import * as z from 'zod';
import { mayName } from '../models/events';

/** An id that this server made (server/db/random-id.ts); anything else cannot exist. */
export const id = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'not an id of this studio')
  .refine(mayName, 'not an id of this studio');

/** A name that a person gives; plain text, never markup. */
export const title = z.string().trim().max(200, 'at most 200 characters');

/** Captions that people wrote for a picture, one each. */
export const references = z
  .array(z.string().trim().min(1).max(500, 'at most 500 characters a caption'))
  .max(50, 'at most 50 reference captions');

/**
 * A person's rating of one caption. `blind`: the names of the lanes were hidden when it was given, and had not been
 * shown before.
 */
export const rating = z.strictObject({ stars: z.number().int().min(1).max(5), blind: z.boolean() });
export type Rating = z.infer<typeof rating>;

/** What an embedding is of: decoders treat the two modalities differently. */
export const modality = z.enum(['image', 'text']);

/** An embedding's values; which space they are of says the family beside them. */
export const embedding = z.array(z.number()).min(1).max(8_192);

/** How a comparison, or a lane, ends. `interrupted`: the server that worked on it went away. */
export const finalStatus = z.enum(['finished', 'cancelled', 'failed', 'interrupted']);
export type FinalStatus = z.infer<typeof finalStatus>;

/** SHA-256 in hexadecimal. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');
