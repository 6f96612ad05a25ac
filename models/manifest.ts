import * as z from 'zod';
import { StudioError } from './errors';
import { type TrunkName, trunks } from './networks/trunks';
import { withGraphs } from './old-manifest';

const count = z.number().int().positive();
const file = z.object({
  path: z.string().regex(/^[\w-][\w.-]*$/),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const defaults = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).default({});

/** A language model as its searches see it; `tokenizer` is the key of a file. */
const languageModel = z.object({
  layers: count,
  heads: count,
  width: count,
  vocabulary: count,
  positions: count,
  bos: z.number().int(),
  /** Ends a caption: an end token, or a full stop where none was trained (ClipCap). */
  eos: z.number().int(),
  tokenizer: z.string().default('tokenizer'),
});

const decoder = z.looseObject({
  defaults,
  /** Cosine from which a caption of it is called likely (models/certainty.ts). */
  likelyFrom: z.number().min(-1).max(1).optional(),
  /** What the embedding must be: as the tower gave it (ClipCap's MLP), or of norm 1. */
  input: z.enum(['raw', 'unit']).default('unit'),
  /** Where it differs from the family's. */
  languageModel: languageModel.optional(),
  /** Tokens that its training put before the caption, and what an untrained language model has "said" before it. */
  begin: z.array(z.number().int()).default([]),
  prompt: z.string().optional(),
  /** How its own image tower reads photos (graph `NAME.image`), where it does not read the space's. */
  image: z.lazy(() => image).optional(),
  /** Keys of files that hold an asset of the decoder, where they are not those that it asks for itself. */
  assets: z.record(z.string(), z.string()).optional(),
  /** Options that these weights cannot serve, and why, in a sentence. */
  refused: z.record(z.string(), z.string()).optional(),
  /** Repository or paper and version that the weights come from. */
  source: z.string().optional(),
});

/** How photos are brought to the image tower: squashed, or shortest side resized and the centre cut out. */
const image = z.object({
  size: count,
  fit: z.enum(['squash', 'crop']),
  filter: z.literal('bicubic'),
  scale: z.string(),
  /**
   * What becomes of a photo's colour profile: towers read the values as the file stores them, as Pillow gave them in
   * training (CLIP's and pocket's).
   */
  profile: z.literal('ignored').default('ignored'),
  /** The embedding is the mean of the photo's and its mirror image's (pocket's tower). */
  mirror: z.boolean().optional(),
  /** Of pocket's tower; absent: MobileNetV2. */
  trunk: z.enum(Object.keys(trunks) as [TrunkName]).optional(),
  /** With `(x/255-mean)/deviation`: of red, green and blue. */
  mean: z.array(z.number()).length(3).optional(),
  deviation: z.array(z.number().positive()).length(3).optional(),
});

const text = z.object({
  context: count,
  bos: z.number().int(),
  eos: z.number().int(),
  tokenizer: z.string().default('tokenizer'),
  /**
   * What becomes of a text before its tokenizer: `openai` as OpenAI's CLIP and open_clip clean it (ftfy, HTML entities;
   * models/spaces/clip-cleaning.ts), `plain` nothing (pocket, and families imported before this was said).
   */
  cleaning: z.enum(['openai', 'plain']).default('plain'),
  /** Id of the class token that the tower pools in place of the end token (open_clip's CoCa). */
  classToken: z.number().int().optional(),
  /** Shape of the text tower where it is not the language model's. */
  tower: z.object({ layers: count, heads: count, width: count }).optional(),
});

/**
 * Which network a graph is, the files that hold its tensors, and the sizes that the network is made of
 * (models/graphs, models/decoders/NAME/networks.ts).
 */
const graph = z.object({
  network: z.string(),
  files: z.array(z.string()).min(1),
  settings: z.record(z.string(), z.union([z.number(), z.string()])).default({}),
});

/** manifest.json of a family: its space, files, graphs, decoders, licence and measured quality (docs/families.md). */
export const manifestSchema = z.object({
  family: z.string(),
  version: z.string(),
  space: z.object({ name: z.string(), dim: count, image, text }),
  /** Of the decoders that name none of their own. */
  languageModel: languageModel.optional(),
  files: z.record(z.string(), file),
  graphs: z.record(z.string(), graph),
  /** Decoders of others cannot join it: its space is of the studio's own. */
  closed: z.boolean().optional(),
  decoders: z.record(z.string(), decoder),
  licence: z.string(),
  trainedOn: z.string(),
  /** Where the weights were published. */
  source: z.string().optional(),
  /** Files that were pulled to make it, as the hub had them. */
  origins: z
    .array(
      z.object({
        repository: z.string(),
        path: z.string(),
        commit: z.string(),
        bytes: z.number().int().nonnegative(),
        sha256: z.string(),
      }),
    )
    .optional(),
  metrics: z.record(z.string(), z.record(z.string(), z.number())).default({}),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = z.infer<typeof file>;
export type ManifestGraph = z.infer<typeof graph>;
export type LanguageModel = z.infer<typeof languageModel>;

/** @throws weights-invalid, naming the field that is wrong. */
export function parseManifest(bytes: Uint8Array, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new StudioError(
      'weights-invalid',
      `${where}/manifest.json is not JSON. Restore it from the repository or the source of the family.`,
      { cause },
    );
  }
  const parsed = manifestSchema.safeParse(withGraphs(json));
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  throw new StudioError(
    'weights-invalid',
    `${where}/manifest.json: ${first?.path.join('.') ?? ''}: ${first?.message ?? 'invalid'}. Restore it from the repository or the source of the family.`,
  );
}

/** The language model that a decoder speaks with. @throws weights-invalid */
export function languageModelOf(
  manifest: Pick<Manifest, 'family' | 'decoders' | 'languageModel'>,
  decoder: string,
): LanguageModel {
  const found = manifest.decoders[decoder]?.languageModel ?? manifest.languageModel;
  if (!found)
    throw new StudioError(
      'weights-invalid',
      `The manifest of ${manifest.family} describes no language model for ${decoder}. Import the family again.`,
    );
  return found;
}

/** Layers, heads and width of the text tower, for its cache. @throws weights-invalid */
export function textTowerOf({ family, space, languageModel: own }: Manifest): {
  layers: number;
  heads: number;
  width: number;
} {
  const found = space.text.tower ?? own;
  if (!found)
    throw new StudioError(
      'weights-invalid',
      `The manifest of ${family} does not describe its text tower (space.text.tower). Import the family again.`,
    );
  return found;
}
