import * as z from 'zod';
import { embedding, modality } from '../../kept/fields';
import { createInput } from '../../kept/requests';
import { errorData } from '../../models/error-data';
import { StudioError } from '../../models/errors';
import { laneResult } from '../../models/events';
import { WorkQueue } from '../comparisons/queue';
import { familyOf } from './embed';
import { operation } from './operation';

const request = z.strictObject({
  rows: z.array(embedding).min(1).max(256).describe('Vectors of the family’s space, raw or unit, one caption each'),
  modality: modality.default('image').describe('What the vectors are of: decoders treat the two differently'),
  lanes: createInput.shape.lanes,
  family: createInput.shape.family,
});
const said = laneResult
  .pick({ caption: true, tokens: true, logProb: true, similarity: true, optimised: true })
  .partial()
  .extend({ lane: z.string(), decoder: z.string(), error: errorData.optional() });

/** Matrices are decoded one after the other: each fills the engine. */
const matrices = new WorkQueue({ running: 1, waiting: 16 }, 'matrices');

export const decode = operation({
  id: 'decode',
  method: 'POST',
  path: '/api/v1/decode',
  summary: 'What vectors say: many of them, side by side',
  description:
    'Faster than one by one; whole files are for `decode` of the command line. Rows that are no vectors have an error.',
  scope: 'run',
  body: request,
  limit: 16 * 1024 ** 2,
  example: `curl -sS --json '{"texts": ["a dog on grass", "two boats"]}' "$STUDIO/api/v1/embed" | sed -e 's/"values":/"rows":/' -e 's/"space":"[^"]*","dim":[0-9]*,//' | curl -sS --json @- "$STUDIO/api/v1/decode"`,
  answer: z.strictObject({
    family: z.string(),
    familyHash: z.string(),
    rows: z.array(z.strictObject({ row: z.number().int(), error: errorData.optional(), captions: z.array(said) })),
  }),
  async handle(call) {
    const { rows, lanes, modality: of } = call.body;
    const { studio, caller, signal } = call;
    const { name, dim } = await familyOf(call, call.body.family);
    const wrong = rows.findIndex((row) => row.length !== dim);
    if (wrong >= 0)
      throw new StudioError(
        'embedding-invalid',
        `Row ${wrong} has ${rows[wrong]!.length} values; vectors of ${name} have ${dim}.`,
      );
    const leave = studio.clients.enterRun(caller.client);
    const place = (() => {
      try {
        return matrices.enter(caller.owner);
      } catch (error) {
        leave();
        throw error;
      }
    })();
    try {
      await place.turn(signal);
      const answer = await studio.decode({ family: name, lanes, rows, modality: of }, signal);
      return {
        family: answer.family,
        familyHash: answer.familyHash,
        rows: answer.photos.map(({ error, rows: captions }, row) => ({
          row,
          ...(error ? { error } : {}),
          captions: captions.map(({ lane, decoder, caption, tokens, logProb, similarity, optimised, error: lost }) => ({
            ...{ lane, decoder, caption, tokens, logProb, similarity, optimised },
            ...(lost ? { error: lost } : {}),
          })),
        })),
      };
    } finally {
      place.leave();
      leave();
    }
  },
});
