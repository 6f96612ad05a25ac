import * as z from 'zod';
import { StudioError } from '../../models/errors';
import type { Call } from './operation';
import { operation } from './operation';
import { pictureOf, type PictureReference, pictureReference } from './picture';

const text = z.string().trim().min(1, 'a text needs a word').max(2_000, 'at most 2,000 characters');
const request = z.strictObject({
  family: z.string().min(1).max(64).optional().describe('Default: the first family'),
  texts: z.array(text).min(1).max(64).optional(),
  image: pictureReference.optional(),
});
const answer = z.strictObject({
  family: z.string(),
  space: z.string().describe('Vectors of one space alone may be compared'),
  dim: z.number().int(),
  modality: z.enum(['image', 'text']),
  values: z.array(z.array(z.number())).describe('Raw embeddings, not normalised, in the order of what was given'),
});

/** Texts of one run of the engine: a person's photo shall not wait for all of them. */
const atOnce = 8;

export const embed = operation({
  id: 'embed',
  method: 'POST',
  path: '/api/v1/embed',
  summary: 'Embed texts or a picture in a family’s joint space',
  scope: 'run',
  body: request,
  form: true,
  limit: 16 * 1024 ** 2,
  example: `curl -sS --json '{"texts": ["a dog on grass"]}' "$STUDIO/api/v1/embed"`,
  answer,
  async handle(call) {
    const { image, texts } = call.body;
    if ((image === undefined) === (texts === undefined))
      throw new StudioError('option-invalid', 'Expected one kind of input: either texts or an image.');
    const { name, space, dim } = await familyOf(call, call.body.family);
    if (texts) return { family: name, space, dim, modality: 'text', values: await embedTexts(call, name, texts) };
    return { family: name, space, dim, modality: 'image', values: [await embedPicture(call, name, image!)] };
  },
});

/** Raw embedding of a picture of a request. @throws as pictureOf, not-found (also where it is somebody else's) */
export async function embedPicture(
  call: Pick<Call, 'studio' | 'caller' | 'settings' | 'signal' | 'picture'>,
  family: string,
  image: PictureReference,
): Promise<number[]> {
  const { studio, caller } = call;
  const { id, own } = await pictureOf(image, call);
  try {
    if (!(await studio.images.has(id, caller.owner)))
      throw new StudioError('not-found', 'There is no such picture here. Send it again.');
    return await studio.embedImage(family, id);
  } finally {
    if (own) await studio.images.forget(id, caller.owner);
  }
}

/** Raw embeddings of many texts. @throws busy, family-unknown, cancelled */
export async function embedTexts(
  { studio, comparisons, signal }: Pick<Call, 'studio' | 'comparisons' | 'signal'>,
  family: string,
  texts: readonly string[],
): Promise<number[][]> {
  comparisons.countText();
  const values: number[][] = [];
  for (let at = 0; at < texts.length; at += atOnce) {
    if (signal.aborted) throw new StudioError('cancelled', 'Whoever asked has gone.');
    values.push(...(await studio.embedTexts(family, texts.slice(at, at + atOnce))));
  }
  return values;
}

/** The family of a name, or the first that works. @throws family-unknown */
export async function familyOf({ studio }: Pick<Call, 'studio'>, wanted: string | undefined) {
  const { families } = await studio.info();
  const found = families.find(({ name, problem }) => (wanted === undefined ? !problem : name === wanted));
  if (found) return found;
  const names = families.map(({ name }) => name).join(', ');
  throw new StudioError(
    'family-unknown',
    wanted === undefined
      ? 'The studio has no family that works. Pull or import one under Models.'
      : `There is no family "${wanted}" here. Installed are: ${names}.`,
  );
}
