import { StudioError } from '../../errors';
import { type Checkpoint } from '../../files/types';
import { readCheckpoint, renamed } from '../../files/checkpoint';
import type { LanguageModel } from '../../manifest';
import { gpt2TokenizerRole, weightsRole } from './roles';
import { checkTensors, copied, countBlocks, dimOf, sameTensor } from './tensors';
import { gpt2Tokenizer } from './tokenizers';
import type { ImportKind, OutTensor, PublishedSource } from './types';
import { unwrapped } from './wrappers';

export type GptSizes = { width: number; layers: number; heads: number; vocabulary: number; positions: number };

/** Every tensor of a GPT-2 below `transformer.`. */
export function gpt2Tensors({
  width,
  layers,
  vocabulary,
  positions,
}: Omit<GptSizes, 'heads'>): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>([
    ['transformer.wte.weight', [vocabulary, width]],
    ['transformer.wpe.weight', [positions, width]],
    ['transformer.ln_f.weight', [width]],
    ['transformer.ln_f.bias', [width]],
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const stem = `transformer.h.${layer}`;
    const linear = (part: string, inputs: number, out: number) =>
      shapes.set(`${stem}.${part}.weight`, [inputs, out]).set(`${stem}.${part}.bias`, [out]);
    for (const norm of ['ln_1', 'ln_2'])
      shapes.set(`${stem}.${norm}.weight`, [width]).set(`${stem}.${norm}.bias`, [width]);
    linear('attn.c_attn', width, 3 * width);
    linear('attn.c_proj', width, width);
    linear('mlp.c_fc', width, 4 * width);
    linear('mlp.c_proj', 4 * width, width);
  }
  return shapes;
}

/** The causal masks that older checkpoints store as tensors. */
export const gpt2Leftovers = /^transformer\.h\.\d+\.attn\.(bias|masked_bias)$/;

/**
 * The tensors of a GPT-2 whose keys begin with `transformer.`, checked; a head (`lm_head.weight`) must be tied to the
 * token table, as the
 * graphs have it. @throws weights-invalid
 */
export function readGpt2(
  checkpoint: Checkpoint,
  what: string,
  others: ReadonlyMap<string, readonly number[]> = new Map(),
): { sizes: Omit<GptSizes, 'heads'>; tensors: OutTensor[] } {
  const table = 'transformer.wte.weight';
  const sizes = {
    vocabulary: dimOf(checkpoint, table, 0, what),
    width: dimOf(checkpoint, table, 1, what),
    positions: dimOf(checkpoint, 'transformer.wpe.weight', 0, what),
    layers: countBlocks(checkpoint, 'transformer.h'),
  };
  const shapes = gpt2Tensors(sizes);
  checkTensors(
    checkpoint,
    new Map([...shapes, ...others]),
    new RegExp(`${gpt2Leftovers.source}|^lm_head\\.weight$`),
    what,
  );
  if (checkpoint.has('lm_head.weight') && !sameTensor(checkpoint, 'lm_head.weight', table))
    throw new StudioError(
      'weights-invalid',
      `This is no ${what}: its lm_head.weight differs from the token table, and GPT-2 ties them. The studio's graph has one table for both.`,
    );
  return { sizes, tensors: [...shapes.keys()].map((name) => copied(checkpoint, name)) };
}

export const gpt2LanguageModel = (sizes: GptSizes, eos: number): LanguageModel => ({
  ...sizes,
  bos: 50256,
  eos,
  tokenizer: 'gpt2Tokenizer',
});

/** What MAGIC added to GPT-2's tokens: its begin token and padding. */
const magicTokens = { '<-start_of_text->': 50257, '<-pad->': 50258 };

const magicPage = 'https://github.com/yxuansu/MAGIC';
const magicModel = (name: string, title: string): PublishedSource => ({
  name,
  title,
  files: [
    { repository: `cambridgeltl/${name.replace('-', '_')}`, path: 'pytorch_model.bin' },
    { repository: 'openai-community/gpt2', path: 'tokenizer.json' },
  ],
  needs: 'clip-vit-b32',
  licence: 'none stated (yxuansu/MAGIC has no licence)',
  licenceAt: magicPage,
  page: magicPage,
  options: { prompt: '' },
});

export const gpt2Kind: ImportKind = {
  id: 'gpt2',
  title: 'GPT-2 small',
  goodAt:
    'The untrained iterative decoder: GPT-2 proposes words, CLIP decides. Knows much, but was never taught to write captions.',
  adds: 'decoder',
  files: [weightsRole('weights of GPT-2 (Hugging Face)'), gpt2TokenizerRole],
  options: [{ name: 'prompt', help: 'What the language model has "said" before the caption.', default: 'Image of a' }],
  licence: "MIT (OpenAI's GPT-2)",
  source: 'openai-community/gpt2',
  published: [
    {
      name: 'gpt2',
      title: 'GPT-2 small (124M) as the iterative decoder on CLIP ViT-B/32',
      files: ['model.safetensors', 'tokenizer.json'].map((path) => ({ repository: 'openai-community/gpt2', path })),
      needs: 'clip-vit-b32',
      licence: 'MIT (modified)',
    },
    magicModel('magic-mscoco', "MAGIC's language model, tuned on COCO captions"),
    magicModel('magic-flickr30k', "MAGIC's language model, tuned on Flickr30k captions"),
  ],
  shapes: ['wte.weight [50257, 768]', 'wpe.weight [1024, 768]', 'h.0.attn.c_attn.weight [768, 2304]'],
  async run({ files, writer, options }) {
    const what = 'GPT-2 small';
    // Saved from the bare model, the keys have no `transformer.`.
    const weights = unwrapped(readCheckpoint(files.weights!), ['transformer.wte.weight', 'wte.weight'], what);
    const checkpoint = renamed(weights, (name) =>
      /^(transformer\.|lm_head\.)/.test(name) ? name : `transformer.${name}`,
    );
    const { sizes, tensors } = readGpt2(checkpoint, what);
    if (sizes.width !== 768 || sizes.layers !== 12 || ![50257, 50259].includes(sizes.vocabulary))
      throw new StudioError(
        'weights-invalid',
        `This is no ${what}: it has ${sizes.layers} layers of width ${sizes.width} and ${sizes.vocabulary} tokens; expected 12 of 768 and 50257 (or 50259, MAGIC's).`,
      );
    const isMagic = sizes.vocabulary === 50259;
    const tokenizer = await gpt2Tokenizer(files.tokenizer!, isMagic ? magicTokens : {});
    await writer.tensors('gpt2', 'gpt2.safetensors', tensors);
    await writer.bytes('gpt2Tokenizer', 'gpt2-tokenizer.json', tokenizer);
    const shape = { ...sizes, heads: 12 };
    const languageModel = { ...gpt2LanguageModel(shape, 50256), ...(isMagic ? { bos: 50257 } : {}) };
    return {
      graphs: { lm: { network: 'gpt2', files: ['gpt2'], settings: shape } },
      decoders: {
        iterative: {
          languageModel,
          prompt: String(options.prompt),
          source: 'openai-community/gpt2',
          defaults: { search: 'guided-beam', beam: 5, candidates: 16, maxTokens: 16, guidance: 20 },
        },
      },
      licence: "MIT (OpenAI's GPT-2)",
      trainedOn: 'the language model on WebText',
      source: 'openai-community/gpt2',
    };
  },
};
