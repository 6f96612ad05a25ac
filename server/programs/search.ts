import { isAbsolute } from 'node:path';
import * as z from 'zod';
import { embedding } from '../../kept/fields';
import { StudioError } from '../../models/errors';
import { mayNameFiles } from './caller';
import { embedPicture, embedTexts, familyOf } from './embed';
import { operation } from './operation';
import { pictureReference } from './picture';

const request = z.strictObject({
  vectors: z
    .string()
    .max(4_096)
    .refine(isAbsolute, 'must be a whole path of the studio’s machine')
    .describe('A .npy file of the studio’s machine, by its whole path, as `embed COLLECTION --out FILE.npy` writes it'),
  text: z.string().trim().min(1).max(2_000).optional(),
  image: pictureReference.optional(),
  embedding: embedding.optional(),
  top: z.number().int().min(1).max(1_000).default(10),
  family: z.string().min(1).max(64).optional(),
});

export const search = operation({
  id: 'search',
  method: 'POST',
  path: '/api/v1/search',
  summary: 'Rows of an embedded collection nearest to a text, a picture or a vector',
  description:
    'Every row is looked at (cosine), none by an approximation. The file stays in memory until another is searched. For programs of the studio’s own machine.',
  scope: 'run',
  body: request,
  limit: 16 * 1024 ** 2,
  example: `curl -sS --json '{"vectors": "'"$PWD"'/photos.npy", "text": "a dog on grass"}' "$STUDIO/api/v1/search"`,
  answer: z.strictObject({
    rows: z.number().int().describe('That were searched'),
    hits: z.array(z.strictObject({ key: z.string(), row: z.number().int(), cosine: z.number() })),
  }),
  async handle(call) {
    const { vectors, text, image, embedding: vector, top } = call.body;
    if (!mayNameFiles(call.settings))
      throw new StudioError('forbidden', 'Files of the studio’s machine are for whoever sits at it.');
    if ([text, image, vector].filter((given) => given !== undefined).length !== 1)
      throw new StudioError('option-invalid', 'Expected one thing to search for: a text, an image or an embedding.');
    const { name, space, dim } = await familyOf(call, call.body.family);
    const query =
      vector ?? (image ? await embedPicture(call, name, image) : (await embedTexts(call, name, [text!]))[0]!);
    const answer = call.studio.vectors.search(vectors, async ({ matrix, keys }, index) => {
      matrix.demand({ name: space, dim });
      if (query.length !== matrix.dim)
        throw new StudioError(
          'embedding-invalid',
          `The embedding has ${query.length} values; the rows of ${matrix.name} have ${matrix.dim}.`,
        );
      const found = await index.search(Float32Array.from(query), top);
      return { rows: index.rows, hits: found.map(({ row, cosine }) => ({ key: keys.of(row), row, cosine })) };
    });
    // The program named the file.
    return answer.catch((error: unknown) => {
      if (!(error instanceof StudioError) || error.code !== 'file-unreadable') throw error;
      throw new StudioError('option-invalid', error.message, { cause: error });
    });
  },
});
