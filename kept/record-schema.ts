import * as z from 'zod';
import { deviceShape, errorShape, eventShape, optionsShape, precisionShape, resultShape } from './save-input';
import { maxLanes, ratingShape, referencesShape, title } from './fields';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');
const moment = z.iso.datetime();
const status = z.enum(['finished', 'cancelled', 'failed', 'interrupted']);
const lane = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,64}$/),
  decoder: z.string().min(1).max(64),
  options: optionsShape,
  status: z.enum(['finished', 'failed', 'cancelled', 'interrupted']),
  result: resultShape.nullable(),
  error: errorShape.nullable(),
  rating: ratingShape.optional(),
});
const item = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('queued'), ahead: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('event'), at: z.number(), event: eventShape }),
  z.strictObject({ kind: z.literal('ended'), status, error: errorShape.optional() }),
]);

/** What an import takes of one comparison: every field known, bounded and of the right kind. */
export const recordSchema = z
  .strictObject({
    createdAt: moment,
    endedAt: moment.nullable(),
    status,
    title,
    note: z.string().max(10_000),
    family: z.string().min(1).max(64),
    familyHash: hash.nullable(),
    weightHashes: z.record(z.string().max(200), hash).nullable(),
    appVersion: z.string().max(40).nullable(),
    precision: precisionShape.nullable(),
    device: deviceShape.nullable(),
    input: z.enum(['image', 'sample', 'embedding']),
    computedBy: z.enum(['server', 'client']),
    picture: z
      .strictObject({
        width: z.number().int().min(1),
        height: z.number().int().min(1),
        of: z.enum(['pixels', 'file']),
        sha256: hash,
      })
      .nullable(),
    embedding: z.array(z.number()).min(1).max(8_192).nullable(),
    modality: z.enum(['image', 'text']).optional(),
    references: referencesShape.min(1).optional(),
    error: errorShape.nullable(),
    lanes: z.array(lane).min(1).max(maxLanes),
    items: z.array(item).min(1).max(50_000),
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

export const exportedSchema = z.strictObject({
  hash,
  comparison: recordSchema,
  picture: z.strictObject({ mime: z.enum(['image/png', 'image/jpeg']), base64: z.base64().max(40_000_000) }).nullable(),
});
