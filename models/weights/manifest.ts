import { z } from 'zod';
import { StudioError } from '../errors';

const file = z.object({ path: z.string().regex(/^[\w-][\w.-]*$/), bytes: z.number().int().positive(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const defaults = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).default({});
const decoder = z.looseObject({ defaults });

/** manifest.json of a family: its space, files, decoders, licence and measured quality (docs/pocket-layout.md). */
export const manifestSchema = z.object({
  family: z.string(),
  version: z.string(),
  space: z.object({
    name: z.string(),
    dim: z.number().int().positive(),
    image: z.object({ size: z.number().int().positive(), fit: z.literal('squash'), filter: z.literal('bicubic'), scale: z.string() }),
    text: z.object({ context: z.number().int(), bos: z.number().int(), eos: z.number().int() }),
  }),
  languageModel: z.object({
    layers: z.number().int(),
    heads: z.number().int(),
    width: z.number().int(),
    vocabulary: z.number().int(),
    positions: z.number().int(),
    bos: z.number().int(),
    eos: z.number().int(),
  }),
  files: z.record(z.string(), file),
  decoders: z.record(z.string(), decoder),
  licence: z.string(),
  trainedOn: z.string(),
  metrics: z.record(z.string(), z.record(z.string(), z.number())).default({}),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = z.infer<typeof file>;

/** @throws weights-invalid, naming the field that is wrong. */
export function parseManifest(bytes: Uint8Array, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new StudioError('weights-invalid', `${where}/manifest.json is not JSON. Restore it from the repository or the source of the family.`, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new StudioError('weights-invalid', `${where}/manifest.json: ${first?.path.join('.') ?? ''}: ${first?.message ?? 'invalid'}. Restore it from the repository or the source of the family.`);
}
