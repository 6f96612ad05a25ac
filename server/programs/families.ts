import * as z from 'zod';
import { operation } from './operation';

const option = z.looseObject({ name: z.string(), kind: z.string(), help: z.string().optional() });
const answer = z.strictObject({
  families: z.array(
    z.looseObject({
      name: z.string(),
      space: z.string(),
      dim: z.number().int(),
      decoders: z.array(z.string()),
      problem: z.string().optional(),
    }),
  ),
  decoders: z.array(z.looseObject({ name: z.string(), title: z.string(), idea: z.string(), options: z.array(option) })),
});

export const families = operation({
  id: 'families',
  method: 'GET',
  path: '/api/v1/families',
  summary: 'Families of this studio, their decoders and these decoders’ options',
  scope: 'read',
  limit: 0,
  example: `curl -sS "$STUDIO/api/v1/families"`,
  answer,
  handle: async ({ studio }) => {
    const info = await studio.info();
    return { families: info.families, decoders: info.decoders };
  },
});
