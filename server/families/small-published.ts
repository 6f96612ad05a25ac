// For tests: a family as the importers of published checkpoints write it (a CLIP, ClipCap, CapDec, DeCap and GPT-2),
// small, of random numbers.
import { createHash } from 'node:crypto';
import goldens from '../../models/decoders/goldens/published.json' with { type: 'json' };
import { wordTokenizer } from '../../models/decoders/goldens/word-tokenizer';
import { goldenWeights, numbers } from '../../models/networks/goldens/golden';
import { clipShapes } from '../../models/weights/import/clip';
import { writeSafetensors } from '../../models/files/safetensors';

type Golden = {
  seed: number;
  stop: number;
  heads: number;
  tensors: [string, number[], number, number][];
  deviations: Record<string, number>;
};
const all = goldens as unknown as Record<string, Golden>;
const [dim, width, layers, vocabulary, positions, rows] = [24, 48, 2, 120, 90, 40];
const tower = {
  image: { size: 32, patch: 16, width: 16, layers: 2, heads: 2 },
  text: { width: 16, layers: 2, heads: 2 },
  dim,
};

/** Words of one syllable and another: no two alike, whatever stands between them. */
const words = Array.from(
  { length: vocabulary },
  (_, id) =>
    `${['ba', 'de', 'fi', 'go', 'hu', 'ja', 'ke', 'li', 'mo', 'nu'][id % 10]!}${['rat', 'sen', 'til', 'vor', 'wun', 'zab', 'ped', 'qui', 'xon', 'yul', 'cam', 'dre'][Math.floor(id / 10)]!}`,
);
const tokenizer = wordTokenizer(words);

/**
 * The files by their paths, manifest.json among them. `outliers`: in the blocks of a tower one activation is far larger
 * than its neighbours and tells nothing, which leaves 8 bit no room for the others.
 */
export function smallPublishedFamily(
  family: string,
  { outliers }: { outliers?: 'text' | 'visual' } = {},
): Record<string, Uint8Array> {
  const contents: Record<string, Uint8Array> = {};
  const towers = [...clipShapes(tower)].map(([name, dims]): [string, readonly number[]] => [
    name,
    name === 'token_embedding.weight'
      ? [vocabulary, tower.text.width]
      : name === 'positional_embedding'
        ? [77, tower.text.width]
        : dims,
  ]);
  for (const part of ['visual', 'text'] as const) {
    const tensors = Object.fromEntries(
      towers
        .filter(([name]) => name.startsWith('visual.') === (part === 'visual'))
        .map(([name, dims]) => [name, { dims, values: numbers(name, dims, /ln_.*weight/.test(name) ? 1 : 0, 0.3) }]),
    );
    if (outliers === part)
      for (const [name, { dims, values }] of Object.entries(tensors))
        if (/ln_[12]\.weight/.test(name)) values[0] = 4000;
        else if (/c_fc\.weight|in_proj_weight/.test(name))
          for (let i = 0; i < values.length; i += dims[1]!) values[i] = 0;
    contents[part === 'visual' ? 'clip-image.safetensors' : 'clip-text.safetensors'] = writeSafetensors(tensors);
  }
  const of = (golden: Golden, mapper: boolean) => {
    const weights = goldenWeights(golden, { deviations: golden.deviations });
    return writeSafetensors(
      Object.fromEntries(
        weights
          .names()
          .filter((name) => name.startsWith('clip_project') === mapper)
          .map((name) => [name, weights.get(name)]),
      ),
    );
  };
  // Two heads for DeCap instead of four of 12 values, which WebGPU's attention does not take.
  const decoders = { clipcap: all['clipcap-mlp']!, capdec: all.capdec!, decap: { ...all.decap!, heads: 2 } };
  for (const [decoder, golden] of Object.entries(decoders)) {
    contents[`${decoder}-mapper.safetensors`] = of(golden, true);
    contents[`${decoder}-lm.safetensors`] = of(golden, false);
  }
  contents['tokens.json'] = new TextEncoder().encode(JSON.stringify(tokenizer));
  const memory = numbers('memory', [rows, dim], 0, 1);
  for (let row = 0; row < rows; row++) {
    const norm = Math.hypot(...memory.subarray(row * dim, (row + 1) * dim));
    for (let i = row * dim; i < (row + 1) * dim; i++) memory[i]! /= norm;
  }
  contents['decap-memory.safetensors'] = writeSafetensors({ embeddings: { dims: [rows, dim], values: memory } });
  contents['decap-memory.txt'] = new TextEncoder().encode(`${words.slice(0, rows).join('\n')}\n`);
  const paths: Record<string, string> = {
    clipImage: 'clip-image.safetensors',
    clipText: 'clip-text.safetensors',
    tokens: 'tokens.json',
    decapMemory: 'decap-memory.safetensors',
    decapMemoryText: 'decap-memory.txt',
  };
  for (const decoder of Object.keys(decoders))
    for (const part of ['mapper', 'lm']) paths[`${decoder}.${part}`] = `${decoder}-${part}.safetensors`;
  const language = ({ heads, stop }: Golden) => ({
    layers,
    heads,
    width,
    vocabulary,
    positions,
    bos: 1,
    eos: stop,
    tokenizer: 'tokens',
  });
  const gpt = (golden: Golden, file: string) => ({
    network: 'gpt2',
    files: [file],
    settings: { width, layers, heads: golden.heads, vocabulary, positions },
  });
  const { size, patch, width: visual, layers: blocks, heads } = tower.image;
  const manifest = {
    family,
    version: '1',
    space: {
      name: `${family}-space`,
      dim,
      image: {
        size,
        fit: 'crop',
        filter: 'bicubic',
        scale: '(x/255-mean)/deviation',
        mean: [0.48145466, 0.4578275, 0.40821073],
        deviation: [0.26862954, 0.26130258, 0.27577711],
      },
      text: { context: 77, bos: 1, eos: 2, tokenizer: 'tokens', tower: tower.text },
    },
    graphs: {
      'image-tower': {
        network: 'clip-vit',
        files: ['clipImage'],
        settings: { size, patch, width: visual, layers: blocks, heads, dim },
      },
      'text-tower': {
        network: 'clip-text',
        files: ['clipText'],
        settings: { ...tower.text, vocabulary, positions: 77, dim },
      },
      'clipcap.mapper': { network: 'clipcap-mlp', files: ['clipcap.mapper'], settings: { dim, prefix: 4, width } },
      'capdec.mapper': {
        network: 'clipcap-transformer',
        files: ['capdec.mapper'],
        settings: { dim, spread: 4, prefix: 5, width, layers: 2 },
      },
      'decap.mapper': { network: 'decap-linear', files: ['decap.mapper'], settings: { dim, width } },
      lm: gpt(decoders.clipcap, 'clipcap.lm'),
      ...Object.fromEntries(
        Object.entries(decoders).map(([decoder, golden]) => [`${decoder}.lm`, gpt(golden, `${decoder}.lm`)]),
      ),
    },
    decoders: {
      iterative: { input: 'unit', languageModel: language(decoders.clipcap), defaults: { maxTokens: 8 } },
      clipcap: { input: 'raw', languageModel: language(decoders.clipcap), defaults: {} },
      capdec: { input: 'unit', languageModel: language(decoders.capdec), defaults: {} },
      decap: { input: 'unit', languageModel: language(decoders.decap), begin: [1], defaults: {} },
    },
    files: Object.fromEntries(
      Object.entries(paths).map(([key, path]) => [
        key,
        { path, bytes: contents[path]!.byteLength, sha256: createHash('sha256').update(contents[path]!).digest('hex') },
      ]),
    ),
    licence: 'none: random numbers',
    trainedOn: 'nothing',
  };
  return { 'manifest.json': new TextEncoder().encode(JSON.stringify(manifest)), ...contents };
}
