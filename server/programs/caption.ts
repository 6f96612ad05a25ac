import * as z from 'zod';
import type { ComparisonView, StreamItem } from '../../kept/comparison';
import { embedding, modality } from '../../kept/fields';
import { createInput } from '../../kept/requests';
import { errorData } from '../../models/error-data';
import { laneResult } from '../../models/events';
import { StudioError } from '../../models/errors';
import type { CreateComparison } from '../../kept/requests';
import { type Call, operation } from './operation';
import { pictureOf, pictureReference } from './picture';
import { serverSentEvents } from './server-sent-events';

/** What there is to caption: exactly one of the two. */
const request = createInput.omit({ input: true }).extend({
  image: pictureReference.optional(),
  embedding: z
    .strictObject({ values: embedding, modality: modality.optional() })
    .optional()
    .describe('A vector of the family’s space, raw or unit, in place of a picture'),
  keep: z.boolean().default(false).describe('Keep the comparison in the history; else nothing of it stays'),
  stream: z.boolean().default(false).describe('Answer as server-sent events, as Accept: text/event-stream does'),
});

const answer = z.strictObject({
  id: z.string().nullable().describe('Of the kept comparison'),
  family: z.string(),
  familyHash: z.string().nullable().describe('SHA-256 of the family’s manifest: names these very weights'),
  lanes: z.array(
    laneResult
      .pick({ caption: true, tokens: true, logProb: true, similarity: true, similaritySpace: true, optimised: true })
      .extend({ certainty: laneResult.shape.certainty, nBest: laneResult.shape.nBest, ms: laneResult.shape.ms })
      .partial()
      .extend({ id: z.string(), decoder: z.string(), error: errorData.optional() }),
  ),
});
type Answer = z.infer<typeof answer>;

export const caption = operation({
  id: 'caption',
  method: 'POST',
  path: '/api/v1/caption',
  summary: 'Caption a picture, or decode a vector, by one decoder or several',
  description:
    'Without lanes every decoder of the family that can read the input runs at its defaults. A lane that fails has an error; its neighbours are not touched.',
  scope: 'run',
  body: request,
  form: true,
  limit: 16 * 1024 ** 2,
  example: `curl -sS -F image=@photo.jpg "$STUDIO/api/v1/caption"`,
  answer,
  events:
    'Each event of the studio as it happens (its name is the event’s type), then “answer” with the answer as above, or “error”.',
  async handle(call) {
    const { body } = call;
    const streams = body.stream || (call.request.headers.get('accept') ?? '').includes('text/event-stream');
    const comparison = await beginComparison(call, body);
    if (!streams) return answerOf(comparison);
    const { parts, end } = comparison;
    return serverSentEvents(call, end, parts, (part) =>
      'answer' in part ? ['answer', part.answer] : [part.event.type, part.event],
    );
  },
});

const lanesOf = ({ lanes }: ComparisonView): Answer['lanes'] =>
  lanes.map(({ id, decoder, result, error }) => {
    if (!result) return { id, decoder, ...(error ? { error } : {}) };
    const { caption: said, tokens, logProb, similarity, similaritySpace, optimised, certainty, nBest, ms } = result;
    const scores = { tokens, logProb, similarity, similaritySpace, optimised, certainty, nBest, ms };
    return { id, decoder, caption: said, ...scores };
  });

export type Part = { event: Extract<StreamItem, { kind: 'event' }>['event'] } | { answer: Answer };
type Wish = Omit<CreateComparison, 'input'> & Pick<z.infer<typeof request>, 'image' | 'embedding' | 'keep'>;
type Asker = Pick<Call, 'studio' | 'caller' | 'settings' | 'signal' | 'comparisons' | 'picture'>;

/**
 * Takes a comparison in: its events and at last its answer are read from what is returned, and `end` is called whatever
 * happens, also where nothing was read: then what nobody was to keep is gone.
 * @throws what a comparison cannot begin for: option-invalid, busy, not-found, …
 */
export async function beginComparison(
  call: Asker,
  { image, embedding: vector, keep, family, precision, lanes, title }: Wish,
): Promise<{ parts: AsyncGenerator<Part>; end: () => Promise<void> }> {
  if ((image === undefined) === (vector === undefined))
    throw new StudioError('option-invalid', 'Expected one input: either an image or an embedding.');
  const picture = image && (await pictureOf(image, call));
  const { comparisons, signal } = call;
  const { id } = await comparisons
    .create({
      ...{ family, precision, lanes, title },
      input: picture ? { kind: 'image', imageId: picture.id } : { kind: 'embedding', ...vector! },
    })
    .catch(async (error: unknown) => {
      if (picture?.own) await call.studio.images.forget(picture.id, call.caller.owner);
      throw error;
    });
  return {
    parts: follow(call, id, keep),
    end: async () => {
      if (!keep) await comparisons.forget(id, { picture: picture?.own ?? false });
      else if (signal.aborted) await comparisons.cancel(id).catch(() => undefined);
    },
  };
}

async function* follow({ comparisons, signal }: Asker, id: string, keep: boolean): AsyncGenerator<Part> {
  for await (const [, item] of comparisons.follow(id, -1, signal))
    if (item.kind === 'event') yield { event: item.event };
  if (signal.aborted) throw new StudioError('cancelled', 'Whoever asked has gone.');
  const view = await comparisons.get(id);
  if (view.error) throw StudioError.fromData(view.error);
  const { family, familyHash } = view;
  yield { answer: { id: keep ? id : null, family, familyHash, lanes: lanesOf(view) } };
}

/** The answer alone, of a comparison that nobody watches. */
export async function answerOf({ parts, end }: Awaited<ReturnType<typeof beginComparison>>): Promise<Answer> {
  let last: Answer | undefined;
  try {
    for await (const part of parts) if ('answer' in part) last = part.answer;
  } finally {
    await end();
  }
  if (!last) throw new StudioError('internal', 'A comparison ended without an answer.');
  return last;
}
