import * as z from 'zod';
import { embedding } from '../../kept/fields';
import { StudioError } from '../../models/errors';
import {
  classify as labelled,
  labelDirection,
  readLabels,
  usualTemperature,
  usualTemplate,
} from '../../models/vectors/zero-shot';
import { embedPicture, embedTexts, familyOf } from './embed';
import { operation } from './operation';
import { pictureReference } from './picture';

const label = z.string().trim().min(1).max(400);
const request = z.strictObject({
  image: pictureReference.optional(),
  embedding: embedding.optional().describe('A vector of the family’s space, in place of a picture'),
  labels: z
    .union([z.array(label).max(200), z.record(label, z.array(label).min(1).max(20))])
    .describe('Two at least; or an object of labels with prompts of their own'),
  templates: z.array(label).min(1).max(20).default([usualTemplate]).describe('{} stands for the label'),
  temperature: z.number().positive().max(100).default(usualTemperature),
  family: z.string().min(1).max(64).optional(),
});
/** Prompts of one request. */
const mostPrompts = 400;

export const classify = operation({
  id: 'classify',
  method: 'POST',
  path: '/api/v1/classify',
  summary: 'Which label fits a picture or a vector, zero-shot',
  scope: 'run',
  body: request,
  form: true,
  limit: 16 * 1024 ** 2,
  example: `curl -sS -F image=@photo.jpg -F 'request={"labels": ["a dog", "a boat", "a plate of food"]}' "$STUDIO/api/v1/classify"`,
  answer: z.strictObject({
    family: z.string(),
    labels: z
      .array(z.strictObject({ label: z.string(), probability: z.number(), cosine: z.number() }))
      .describe('The likeliest first; softmax of the cosines over the temperature'),
  }),
  async handle(call) {
    const { image, embedding: vector, labels: given, templates, temperature } = call.body;
    if ((image === undefined) === (vector === undefined))
      throw new StudioError('option-invalid', 'Expected one input: either an image or an embedding.');
    const labels = readLabels('labels', JSON.stringify(given), templates);
    const prompts = labels.flatMap((one) => one.prompts);
    if (prompts.length > mostPrompts)
      throw new StudioError(
        'option-invalid',
        `These labels and templates make ${prompts.length} prompts; at most ${mostPrompts}.`,
      );
    const { name, dim } = await familyOf(call, call.body.family);
    if (vector && vector.length !== dim)
      throw new StudioError('embedding-invalid', `The embedding has ${vector.length} values; ${name} has ${dim}.`);
    const values = vector ?? (await embedPicture(call, name, image!));
    const rows = await embedTexts(call, name, prompts);
    let next = 0;
    const directions = labels.map((one) => labelDirection(one.prompts.map(() => Float32Array.from(rows[next++]!))));
    const guesses = labelled(Float32Array.from(values), directions, temperature);
    return {
      family: name,
      labels: guesses.map(({ index, probability, cosine }) => ({ label: labels[index]!.label, probability, cosine })),
    };
  },
});
