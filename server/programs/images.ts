import * as z from 'zod';
import { operation } from './operation';
import { pictureOf, pictureReference } from './picture';

export const images = operation({
  id: 'keepImage',
  method: 'POST',
  path: '/api/v1/images',
  summary: 'Keep a picture, to ask for several things about it',
  description: 'A picture that no comparison uses is removed after a day.',
  scope: 'run',
  body: z.strictObject({ image: pictureReference }),
  form: true,
  limit: 16 * 1024 ** 2,
  example: `curl -sS -F image=@photo.jpg "$STUDIO/api/v1/images"`,
  answer: z.strictObject({ id: z.string() }),
  handle: async (call) => ({ id: (await pictureOf(call.body.image, call)).id }),
});
