// For tests: the family that an import of a CoCa of open_clip writes, at the golden's small sizes.
import { writeSafetensors } from './files/safetensors';
import { goldenWeights } from './networks/goldens/golden';
import type { Packed } from './networks/goldens/golden';
import type { WeightTensor } from './networks/types';
import type { RgbImage } from './spaces/image';
import type { Manifest } from './manifest';
import { lost } from './weights/import/coca';
import { cocaDecoder, cocaDecoderGraphs, cocaSpace, cocaSpaceGraphs } from './weights/import/coca-parts';
import { drawnNames } from './weights/import/drawn-pictures';
import { cocaShapes, type CocaSizes } from './weights/import/coca-shapes';
import { sha256 } from './weights/verify';
import { wordTokenizer } from './decoders/goldens/word-tokenizer';
import json from './decoders/coca/goldens/open-clip.json' with { type: 'json' };

export type OpenClipGolden = {
  by: Record<string, string>;
  seed: number;
  start: number;
  stop: number;
  tensors: [string, number[], number, number][];
  deviations: Record<string, number>;
  sampling: { top_p: { top_p: number; temperature: number }; top_k: { top_k: number; temperature: number } };
  pictures: {
    group: number[];
    beam: number[];
    score: number;
    top_p: number[];
    top_k: number[];
    /** What open_clip prints of each. */
    text: Record<'group' | 'beam' | 'top_p' | 'top_k', string>;
    embedding: Packed;
    logits: Packed;
    tokens?: Packed;
  }[];
  /** Tokens as open_clip's tokenizer keeps them. */
  vocabulary: string[];
  /** Of the rows of ids in spaces/goldens/decode.json, by the package's own vocabulary. */
  printed: string[];
  texts: { words: number[]; embedding: Packed }[];
};
export const golden = json as unknown as OpenClipGolden;

export const smallSizes: CocaSizes = {
  image: { size: 64, patch: 16, width: 64, layers: 2, heads: 2 },
  pooler: { queries: 24, heads: 4 },
  text: { width: 48, layers: 2, heads: 3 },
  vocabulary: 120,
  positions: 77,
  start: golden.start,
  stop: golden.stop,
};

/** Words of the names of drawn pictures, and words that nobody has. */
const known = [...new Set(drawnNames.flatMap((name) => name.split(' ')))];
const words = Array.from(
  { length: smallSizes.vocabulary },
  (_, id) =>
    known[id - (smallSizes.vocabulary - known.length)] ??
    `${'bdfgklmnprstvwz'[id % 15]!}${'aeiou'[id % 5]!}lurinomadec${'lmnr'[id % 4]!}${'oaiu'[Math.floor(id / 30)]!}`,
);

/** tokenizer.json of the golden's vocabulary in CLIP's layout: it prints what open_clip prints, and encodes nothing. */
function printingTokenizer() {
  const names: Record<string, string> = { '<start_of_text>': '<|startoftext|>', '<end_of_text>': '<|endoftext|>' };
  const tokens = golden.vocabulary.map((token) => names[token] ?? token);
  const special = (id: number) => ({
    id,
    content: tokens[id],
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  return {
    version: '1.0',
    added_tokens: [special(golden.start), special(golden.stop)],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<|endoftext|>',
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [],
    },
  };
}

/** Weights in the published layout under their published names; the golden's, not trained. */
export const smallWeights = () => goldenWeights(golden, { deviations: golden.deviations });

/** tokenizer.json that encodes and prints whole words; `more` tokens beside them. */
export function smallTokenizer(more: Record<string, number> = {}): string {
  const tokenizer = wordTokenizer(words);
  return JSON.stringify({
    ...tokenizer,
    model: { ...tokenizer.model, vocab: { ...tokenizer.model.vocab, ...more } },
  });
}

/**
 * The files by their paths, manifest.json among them: a base model in its own space, or one that has joined the space
 * of another (`join`: that family's files), as fine-tuned ones do. `other` tensors stand in place of the golden's.
 */
export async function smallCocaFamily(
  family: string,
  join?: Record<string, Uint8Array>,
  other: Record<string, WeightTensor> = {},
): Promise<Record<string, Uint8Array>> {
  const weights = smallWeights();
  const contents: Record<string, Uint8Array> = { ...join };
  const of = (prefix: string) =>
    writeSafetensors(
      Object.fromEntries(
        [...cocaShapes(smallSizes).keys()]
          .filter((name) => name.startsWith(prefix))
          .map((name) => [name, other[name] ?? weights.get(name)]),
      ),
    );
  contents['coca-image.safetensors'] = of('visual.');
  contents['coca-text.safetensors'] = of('text.');
  contents['coca-decoder.safetensors'] = of('text_decoder.');
  contents['coca-tokens.json'] = new TextEncoder().encode(smallTokenizer());
  contents['coca-printed.json'] = new TextEncoder().encode(JSON.stringify(printingTokenizer()));
  const paths = {
    cocaImage: 'coca-image.safetensors',
    cocaText: 'coca-text.safetensors',
    cocaDecoder: 'coca-decoder.safetensors',
    cocaTokens: 'coca-tokens.json',
    cocaPrinted: 'coca-printed.json',
  };
  const entries = await Promise.all(
    Object.entries(paths).map(async ([key, path]) => {
      const bytes = contents[path]!;
      return [key, { path, bytes: bytes.byteLength, sha256: await sha256(bytes) }] as const;
    }),
  );
  const files = { image: 'cocaImage', text: 'cocaText', decoder: 'cocaDecoder' };
  const base = join && (JSON.parse(new TextDecoder().decode(join['manifest.json'])) as Manifest);
  const told = {
    tokenizer: 'cocaPrinted',
    source: 'random numbers',
    refused: base ? lost(base.space.name) : 'The small CoCa has no contrastive half.',
  };
  const manifest = {
    version: '1',
    space: cocaSpace(`${family}-space`, smallSizes, 'cocaTokens'),
    licence: 'none: random numbers',
    trainedOn: 'nothing',
    ...base,
    family,
    graphs: {
      ...(base ? base.graphs : cocaSpaceGraphs(smallSizes, files)),
      ...cocaDecoderGraphs(smallSizes, files, base !== undefined),
    },
    decoders: { ...base?.decoders, coca: cocaDecoder(smallSizes, { ...told, ownTower: base !== undefined }) },
    files: { ...base?.files, ...Object.fromEntries(entries) },
  };
  return { ...contents, 'manifest.json': new TextEncoder().encode(JSON.stringify(manifest)) };
}

/** The picture that make.py draws under this number. */
export function drawnPicture(n: number): RgbImage {
  const [width, height] = [64 + 8 + n, 64];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const tile = ((x >> (2 + (n % 3))) ^ (y >> (3 - (n % 2)))) & 3;
        data[(y * width + x) * 3 + c] = x * (n % 5) + y * (3 - (n % 4)) + tile * (37 + 11 * c) + 61 * c * n + 17 * n;
      }
  return { width, height, data };
}
