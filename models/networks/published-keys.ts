import type { AttentionalPoolerConfig } from './attentional-pooler';
import type { CocaConfig, CocaStep } from './coca';
import type { LinearKeys } from './layers';
import type { MlpMapperConfig } from './mlp-mapper';
import type { ResNetTowerConfig } from './resnet';
import type { TextTowerConfig } from './text-tower';
import type { TransformerMapperConfig } from './transformer-mapper';
import type { Activation, BlockPart, GptConfig } from './types';
import type { VitConfig } from './vit';

// Key names of published checkpoints: GPT-2 (Hugging Face), CLIP (OpenAI and open_clip), ClipCap and CapDec, CoCa
// (open_clip).

type Sizes = { width: number; layers: number; heads: number };
const pair = (stem: string) => ({ weight: `${stem}.weight`, bias: `${stem}.bias` });
const epsilon = 1e-5;

/** GPT-2's keys below `prefix` (`transformer.` in a language-model checkpoint, `gpt.transformer.` in ClipCap's). */
export function gpt2(sizes: Sizes & { vocabulary: number; positions: number }, prefix = 'transformer.'): GptConfig {
  const names: Record<string, string> = {
    'attn.qkv': 'attn.c_attn',
    'attn.out': 'attn.c_proj',
    'mlp.fc': 'mlp.c_fc',
    'mlp.proj': 'mlp.c_proj',
  };
  return {
    ...sizes,
    activation: 'gelu-tanh',
    epsilon,
    keys: {
      tokenEmbedding: `${prefix}wte.weight`,
      positionEmbedding: `${prefix}wpe.weight`,
      block: (layer, part) => `${prefix}h.${layer}.${renamed(part, names)}`,
      finalNorm: pair(`${prefix}ln_f`),
      layout: 'conv1d',
    },
  };
}
export const gpt2Small = { width: 768, layers: 12, heads: 12, vocabulary: 50257, positions: 1024 };

/** CLIP's text tower. `prefix` is empty in OpenAI's checkpoints and `text.` in open_clip's CoCa. */
export function clipTextTower(
  sizes: Sizes & { vocabulary: number; positions: number; dim: number },
  activation: Activation = 'quick-gelu',
  prefix = '',
): TextTowerConfig {
  return {
    ...sizes,
    activation,
    epsilon,
    keys: {
      tokenEmbedding: `${prefix}token_embedding.weight`,
      positionEmbedding: `${prefix}positional_embedding`,
      block: (layer, part) => `${prefix}transformer.resblocks.${layer}.${clipPart(part)}`,
      finalNorm: pair(`${prefix}ln_final`),
      layout: 'linear',
      projection: { weight: `${prefix}text_projection`, layout: 'conv1d' },
    },
  };
}
export const clipVitB32Text = { width: 512, layers: 12, heads: 8, vocabulary: 49408, positions: 77, dim: 512 };

/** CLIP's vision transformer; `dim` is left out where an attentional pooler follows (CoCa). */
export function clipVit(
  sizes: Sizes & { size: number; patch: number; dim?: number },
  activation: Activation = 'quick-gelu',
  prefix = 'visual.',
): VitConfig {
  const { dim, ...rest } = sizes;
  return {
    ...rest,
    activation,
    epsilon,
    keys: {
      patches: `${prefix}conv1.weight`,
      classToken: `${prefix}class_embedding`,
      positions: `${prefix}positional_embedding`,
      normBefore: pair(`${prefix}ln_pre`),
      block: (layer) => {
        const stem = `${prefix}transformer.resblocks.${layer}`;
        return { ln1: pair(`${stem}.ln_1`), ...clipSelf(stem), ln2: pair(`${stem}.ln_2`), ...clipMlp(stem) };
      },
      ...(dim === undefined
        ? {}
        : {
            pooled: {
              norm: pair(`${prefix}ln_post`),
              projection: { weight: `${prefix}proj`, layout: 'conv1d' as const },
              dim,
            },
          }),
    },
  };
}
export const clipVitB32 = { size: 224, patch: 32, width: 768, layers: 12, heads: 12, dim: 512 };

/**
 * CLIP's ModifiedResNet (RN50 and its larger relatives; RN50x4 is what published CapDec and ClipCap-Transformer weights
 * read).
 */
export function clipResNet(
  sizes: {
    size: number;
    width: number;
    heads: number;
    dim: number;
    layers1: number;
    layers2: number;
    layers3: number;
    layers4: number;
  },
  prefix = 'visual.',
): ResNetTowerConfig {
  const { layers1, layers2, layers3, layers4, ...rest } = sizes;
  const numbered = (stem: string, n: number) => ({ weight: `${stem}conv${n}.weight`, norm: `${stem}bn${n}` });
  const pool = `${prefix}attnpool`;
  return {
    ...rest,
    layers: [layers1, layers2, layers3, layers4],
    epsilon,
    keys: {
      stem: [numbered(prefix, 1), numbered(prefix, 2), numbered(prefix, 3)],
      block: (stage, block) => {
        const stem = `${prefix}layer${stage + 1}.${block}.`;
        return {
          conv1: numbered(stem, 1),
          conv2: numbered(stem, 2),
          conv3: numbered(stem, 3),
          downsample: { weight: `${stem}downsample.0.weight`, norm: `${stem}downsample.1` },
        };
      },
      positions: `${pool}.positional_embedding`,
      attention: {
        q: pair(`${pool}.q_proj`),
        k: pair(`${pool}.k_proj`),
        v: pair(`${pool}.v_proj`),
        out: pair(`${pool}.c_proj`),
      },
    },
  };
}

/** ClipCap's MLP mapper. */
export function clipcapMlpMapper(sizes: { dim: number; prefix: number; width: number }): MlpMapperConfig {
  const hidden = (sizes.width * sizes.prefix) / 2;
  return { ...sizes, keys: { hidden, fc1: pair('clip_project.model.0'), fc2: pair('clip_project.model.2') } };
}

/** DeCap's mapper: one linear layer and one slot (`MLP((512, 768))` in its code). */
export function decapMapper(sizes: { dim: number; width: number }): MlpMapperConfig {
  return { ...sizes, prefix: 1, keys: { fc: pair('clip_project.model.0') } };
}

/** ClipCap's and CapDec's transformer mapper: eight heads, MLP ratio 2, ReLU, no bias on queries, keys and values. */
export function clipcapTransformerMapper(sizes: {
  dim: number;
  spread: number;
  prefix: number;
  width: number;
  layers: number;
}): TransformerMapperConfig {
  const stem = 'clip_project';
  return {
    ...sizes,
    heads: 8,
    hidden: 2 * sizes.width,
    activation: 'relu',
    epsilon,
    keys: {
      spread: pair(`${stem}.linear`),
      constants: `${stem}.prefix_const`,
      block: (layer) => {
        const block = `${stem}.transformer.layers.${layer}`;
        return {
          norm1: pair(`${block}.norm1`),
          qkv: [{ weight: `${block}.attn.to_queries.weight` }, { weight: `${block}.attn.to_keys_values.weight` }],
          out: pair(`${block}.attn.project`),
          norm2: pair(`${block}.norm2`),
          fc: pair(`${block}.mlp.fc1`),
          proj: pair(`${block}.mlp.fc2`),
        };
      },
    },
  };
}

/**
 * open_clip's CoCa pooler: norms on queries and keys, query 0 is the image embedding. PyTorch's attention keeps
 * separate matrices
 * when the grid's channels differ from the width, and one packed matrix otherwise; its biases are always packed.
 */
export function openClipPooler(sizes: {
  channels: number;
  width: number;
  queries: number;
  heads: number;
  dim: number;
}): AttentionalPoolerConfig {
  const { dim, ...rest } = sizes;
  const stem = 'visual.attn_pool';
  const separate = sizes.channels !== sizes.width;
  const part = (name: 'q' | 'k' | 'v', index: number): LinearKeys =>
    separate
      ? {
          weight: `${stem}.attn.${name}_proj_weight`,
          bias: `${stem}.attn.in_proj_bias`,
          biasStart: index * sizes.width,
        }
      : {
          weight: `${stem}.attn.in_proj_weight`,
          bias: `${stem}.attn.in_proj_bias`,
          rows: { start: index * sizes.width, count: sizes.width },
        };
  return {
    ...rest,
    epsilon,
    keys: {
      query: `${stem}.query`,
      normTokens: pair(`${stem}.ln_k`),
      normQuery: pair(`${stem}.ln_q`),
      attention: { q: part('q', 0), k: part('k', 1), v: part('v', 2), out: pair(`${stem}.attn.out_proj`) },
      normOut: pair('visual.ln_post'),
      projection: { weight: 'visual.proj', layout: 'conv1d', dim },
    },
  };
}

/**
 * open_clip's CoCa text decoder: `layers` unimodal blocks, then pairs of a self-attention block and a cross-attention
 * block, each with
 * its own MLP; the image tokens are normed by `ln_1_kv`; logits by a matrix of their own. The class token comes last
 * and attention is
 * causal, so captioning leaves it out.
 */
export function openClipCoca(
  sizes: Sizes & { vocabulary: number; positions: number; imageTokens: number; crossLayers: number },
): CocaConfig {
  const { layers, crossLayers, width, ...rest } = sizes;
  const block = (stem: string): CocaStep[] => [
    { self: { norm: pair(`${stem}.ln_1`), ...clipSelf(stem) } },
    { mlp: { norm: pair(`${stem}.ln_2`), ...clipMlp(stem) } },
  ];
  const packed = (stem: string, index: number): LinearKeys => ({
    ...packedQkv(stem),
    rows: { start: index * width, count: width },
  });
  const cross = (stem: string): CocaStep[] => [
    {
      cross: {
        norm: pair(`${stem}.ln_1`),
        normMemory: pair(`${stem}.ln_1_kv`),
        q: packed(stem, 0),
        k: packed(stem, 1),
        v: packed(stem, 2),
        out: pair(`${stem}.attn.out_proj`),
      },
    },
    { mlp: { norm: pair(`${stem}.ln_2`), ...clipMlp(stem) } },
  ];
  return {
    ...rest,
    width,
    activation: 'gelu',
    epsilon,
    keys: {
      tokenEmbedding: 'text.token_embedding.weight',
      positionEmbedding: 'text.positional_embedding',
      steps: [
        ...Array.from({ length: layers }, (_, i) => block(`text.transformer.resblocks.${i}`)).flat(),
        ...Array.from({ length: crossLayers }, (_, i) => [
          ...block(`text_decoder.resblocks.${i}`),
          ...cross(`text_decoder.cross_attn.${i}`),
        ]).flat(),
      ],
      finalNorm: pair('text_decoder.ln_final'),
      logits: { weight: 'text_decoder.text_projection', layout: 'conv1d' },
    },
  };
}

const packedQkv = (stem: string): LinearKeys => ({
  weight: `${stem}.attn.in_proj_weight`,
  bias: `${stem}.attn.in_proj_bias`,
});
const clipSelf = (stem: string) => ({ qkv: packedQkv(stem), out: pair(`${stem}.attn.out_proj`) });
const clipMlp = (stem: string) => ({ fc: pair(`${stem}.mlp.c_fc`), proj: pair(`${stem}.mlp.c_proj`) });

function clipPart(part: BlockPart): string {
  const names: Record<string, string> = { 'attn.out': 'attn.out_proj', 'mlp.fc': 'mlp.c_fc', 'mlp.proj': 'mlp.c_proj' };
  return part.startsWith('attn.qkv.') ? part.replace('attn.qkv.', 'attn.in_proj_') : renamed(part, names);
}

function renamed(part: BlockPart, names: Record<string, string>): string {
  const dot = part.lastIndexOf('.');
  const stem = part.slice(0, dot);
  return `${names[stem] ?? stem}${part.slice(dot)}`;
}
