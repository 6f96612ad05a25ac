import type { AttentionalPoolerConfig } from './attentional-pooler';
import { withClassToken } from './class-token';
import type { CocaConfig, CocaStep } from './coca';
import type { CocaImageTowerConfig } from './coca-image-tower';
import type { LinearKeys } from './layers';
import { clipMlp, clipSelf, clipTextTower, clipVit, epsilon, packedQkv, pair, type Sizes } from './published-keys';
import type { TextTowerConfig } from './text-tower';
import type { WeightMap } from './types';

// Key names of CoCa as open_clip publishes it: one checkpoint with the towers, the poolers' queries and the decoder.
// All of it uses exact GELU.

type PoolerSizes = { channels: number; width: number; queries: number; heads: number; tokens?: number };
export const openClipCocaB32 = {
  image: { size: 224, patch: 32, width: 768, layers: 12, heads: 12 },
  pooler: { queries: 256, heads: 8 },
  text: { width: 512, layers: 12, heads: 8 },
  vocabulary: 49408,
  positions: 77,
};
export const openClipCocaL14: typeof openClipCocaB32 = {
  ...openClipCocaB32,
  image: { size: 224, patch: 14, width: 1024, layers: 24, heads: 16 },
  text: { width: 768, layers: 12, heads: 12 },
};

/** The image tower; with `dim` it also pools its embedding, which is what the first query sees. */
export function openClipCocaImage(
  sizes: Sizes & {
    size: number;
    patch: number;
    queries: number;
    poolerHeads: number;
    poolerWidth: number;
    dim?: number;
  },
): CocaImageTowerConfig {
  const { queries, poolerHeads, poolerWidth, dim, ...vit } = sizes;
  const tower = clipVit(vit, 'gelu');
  if (dim === undefined) return { vit: tower };
  const pooler = { channels: vit.width, width: poolerWidth, queries, heads: poolerHeads, dim };
  return { vit: tower, pooler: { ...openClipPooler(pooler), rows: { start: 0, count: 1 } } };
}

/** Where the text tower's token table lies once `openClipWithClassToken` has made it. */
const classTable = 'text.token_embedding.with_class';
export const openClipWithClassToken = (weights: WeightMap): WeightMap =>
  withClassToken(weights, { table: 'text.token_embedding.weight', token: 'text.cls_emb', as: classTable });

/** The text tower: CLIP's, pooled at a class token after the text, whose id is the first after the vocabulary. */
export function openClipCocaText(
  sizes: Sizes & { vocabulary: number; positions: number; dim: number },
): TextTowerConfig {
  const tower = clipTextTower(sizes, 'gelu', 'text.');
  return {
    ...tower,
    vocabulary: sizes.vocabulary + 1,
    classToken: { position: sizes.positions - 1 },
    keys: { ...tower.keys, tokenEmbedding: classTable },
  };
}

/**
 * open_clip's CoCa pooler: norms on queries and keys, query 0 is the image embedding. PyTorch's attention keeps
 * separate matrices
 * when the grid's channels differ from the width, and one packed matrix otherwise; its biases are always packed.
 */
export function openClipPooler(sizes: PoolerSizes & { dim?: number }): AttentionalPoolerConfig {
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
      ...(dim === undefined ? {} : { projection: { weight: 'visual.proj', layout: 'conv1d' as const, dim } }),
    },
  };
}

/**
 * open_clip's CoCa text decoder: `layers` unimodal blocks, then pairs of a self-attention block and a cross-attention
 * block, each with
 * its own MLP; the image tokens are normed by `ln_1_kv`; logits by a matrix of their own. The class token comes last
 * and attention is
 * causal, so captioning leaves it out. The unimodal blocks have the shifted padding mask.
 */
export function openClipCoca(
  sizes: Sizes & { vocabulary: number; positions: number; imageTokens: number; crossLayers: number },
): CocaConfig {
  const { layers, crossLayers, width, ...rest } = sizes;
  const block = (stem: string, paddingMask = false): CocaStep[] => [
    { self: { norm: pair(`${stem}.ln_1`), ...clipSelf(stem), paddingMask } },
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
        ...Array.from({ length: layers }, (_, i) => block(`text.transformer.resblocks.${i}`, true)).flat(),
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
