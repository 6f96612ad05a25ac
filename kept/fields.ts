/** Fields that requests and records share, each with its bounds. */
import * as z from 'zod';
import { laneId, mayName } from '../models/events';

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

const said = {
  /** Names it within its comparison. */
  id: z.string().regex(/^[\w-]{1,64}$/, 'not the name of a caption'),
  text: z.string().trim().min(1, 'a caption needs a word').max(500, 'at most 500 characters'),
  /** The lane whose caption it is; left out: nobody's. */
  lane: laneId.optional(),
  /** The person wrote or changed the words; else they are the lane's, accepted as they stood. */
  own: z.boolean(),
  /** How well the words fit the input, by the space that scores the lanes; left out where that could not be found. */
  score: z
    .strictObject({
      cosine: z.number().min(-1.01).max(1.01),
      space: z.string().min(1).max(64),
      /** Of a longer text the beginning alone was read. */
      cut: z.literal(true).optional(),
    })
    .optional(),
};
/** What a person says of a photo: a caption that was accepted, or one of their own. */
export const saidCaption = z.strictObject(said);
export type SaidCaption = z.infer<typeof saidCaption>;
export const personCaption = z.strictObject({
  ...said,
  /** When it was last changed. */
  at: z.iso.datetime(),
  /** Who said it: the studio's name of the owner (`local` at the machine itself), or `this browser`. */
  by: z.string().min(1).max(64),
});
export type PersonCaption = z.infer<typeof personCaption>;
/** The oldest first. */
export const personCaptions = z.array(personCaption).max(50, 'at most 50 captions of a person');

/** What an embedding is of: decoders treat the two modalities differently. */
export const modality = z.enum(['image', 'text']);

/** An embedding's values; which space they are of says the family beside them. */
export const embedding = z.array(z.number()).min(1).max(8_192);

/** How a comparison, or a lane, ends. `interrupted`: the server that worked on it went away. */
export const finalStatus = z.enum(['finished', 'cancelled', 'failed', 'interrupted']);
export type FinalStatus = z.infer<typeof finalStatus>;

/** SHA-256 in hexadecimal. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');
