import * as z from 'zod';
import { embedTexts, familyOf } from '../embed';
import { operation } from '../operation';

const text = z.string().trim().min(1, 'a text needs a word').max(2_000, 'at most 2,000 characters');
const request = z.looseObject({
  model: z.string().min(1).max(200).describe('A family: texts are embedded in its joint space'),
  input: z.union([text, z.array(text).min(1).max(64)]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
});

export const embeddings = operation({
  id: 'createEmbedding',
  method: 'POST',
  path: '/v1/embeddings',
  summary: 'Embed texts in a family’s joint space, in the shape of OpenAI’s API',
  scope: 'run',
  body: request,
  limit: 1024 ** 2,
  openAi: true,
  example: `curl -sS --json '{"model": "pocket", "input": "a dog on grass"}' "$STUDIO/v1/embeddings"`,
  answer: z.strictObject({
    object: z.literal('list'),
    model: z.string(),
    data: z.array(
      z.strictObject({
        object: z.literal('embedding'),
        index: z.number().int(),
        embedding: z.union([z.array(z.number()), z.string().describe('Little-endian float32 in base64')]),
      }),
    ),
    usage: z.strictObject({ prompt_tokens: z.number().int(), total_tokens: z.number().int() }),
  }),
  async handle(call) {
    const { model, input, encoding_format } = call.body;
    const { name } = await familyOf(call, model.split('/')[0]!);
    const values = await embedTexts(call, name, typeof input === 'string' ? [input] : input);
    const told = (row: number[]) =>
      encoding_format === 'base64' ? Buffer.from(Float32Array.from(row).buffer).toString('base64') : row;
    return {
      object: 'list',
      model: name,
      data: values.map((row, index) => ({ object: 'embedding', index, embedding: told(row) })),
      // Texts are not billed here, and so not counted.
      usage: { prompt_tokens: 0, total_tokens: 0 },
    };
  },
});
