import * as z from 'zod';
import { id } from '../fields';

/** Photos that a page may send for one collection. */
export const mostSent = 20_000;

const wish = z.strictObject({
  /** A lane as the Compare page has it: its decoder, and the options that the person set. */
  id: z.string().min(1).max(64),
  decoder: z.string().max(64),
  options: z.record(z.string().max(64), z.unknown()).default({}),
});

/** What becomes a collection: what lies on the studio's own machine, by whole paths, or photos that a page sent. */
export const collectionStart = z.strictObject({
  of: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('paths'), paths: z.array(z.string().min(1).max(4096)).min(1).max(20) }),
    z.strictObject({ kind: z.literal('sent'), upload: id }),
  ]),
  family: z.string().max(64).optional(),
  lanes: z.array(wish).min(1).max(16),
});
export type CollectionStart = z.input<typeof collectionStart>;

/** Photos that a page began to send. */
export const collectionUpload = z.strictObject({
  title: z.string().max(200),
  total: z.number().int().min(1).max(mostSent),
});

/** Photos that were sent and are no collection yet. `here`: how many of `total` have arrived. */
export type UploadCard = { id: string; title: string; createdAt: Date; total: number; here: number };
