import type { LinearKeys } from './layers';
import type { MlpMapperConfig } from './mlp-mapper';
import type { ResNetTowerConfig } from './resnet';
import type { TextTowerConfig } from './text-tower';
import type { TransformerMapperConfig } from './transformer-mapper';
import type { Activation, BlockPart, GptConfig } from './types';
import type { VitConfig } from './vit';

// Key names of published checkpoints: GPT-2 (Hugging Face), CLIP (OpenAI and open_clip), ClipCap and CapDec. CoCa's are
// in open-clip-keys.ts.

export type Sizes = { width: number; layers: number; heads: number };
export const pair = (stem: string) => ({ weight: `${stem}.weight`, bias: `${stem}.bias` });
export const epsilon = 1e-5;

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

export const packedQkv = (stem: string): LinearKeys => ({
  weight: `${stem}.attn.in_proj_weight`,
  bias: `${stem}.attn.in_proj_bias`,
});
export const clipSelf = (stem: string) => ({ qkv: packedQkv(stem), out: pair(`${stem}.attn.out_proj`) });
export const clipMlp = (stem: string) => ({ fc: pair(`${stem}.mlp.c_fc`), proj: pair(`${stem}.mlp.c_proj`) });

function clipPart(part: BlockPart): string {
  const names: Record<string, string> = { 'attn.out': 'attn.out_proj', 'mlp.fc': 'mlp.c_fc', 'mlp.proj': 'mlp.c_proj' };
  return part.startsWith('attn.qkv.') ? part.replace('attn.qkv.', 'attn.in_proj_') : renamed(part, names);
}

function renamed(part: BlockPart, names: Record<string, string>): string {
  const dot = part.lastIndexOf('.');
  const stem = part.slice(0, dot);
  return `${names[stem] ?? stem}${part.slice(dot)}`;
}
