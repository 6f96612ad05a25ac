import type { AttentionalPoolerConfig } from './attentional-pooler';
import { withClassToken } from './class-token';
import type { CocaConfig, CocaStep } from './coca';
import type { LinearKeys } from './layers';
import type { MlpMapperConfig } from './mlp-mapper';
import type { PocketImageTowerConfig } from './pocket-image-tower';
import type { TextTowerConfig } from './text-tower';
import type { TrunkName } from './trunks';
import type { BlockPart, GptConfig, GptKeys, WeightMap } from './types';

/** Sizes of the pocket family that several networks share (docs/pocket-layout.md). */
export type PocketShape = {
  width: number;
  vocabulary: number;
  positions: number;
  layers: number;
  /** Heads of language models and text towers / of poolers. */
  heads: number;
  poolHeads: number;
};
export const pocketShape: PocketShape = {
  width: 256,
  vocabulary: 6000,
  positions: 64,
  layers: 4,
  heads: 4,
  poolHeads: 8,
};

const epsilon = 1e-5;
const activation = 'gelu-tanh';
const linear = (stem: string): LinearKeys => ({ weight: `${stem}.weight`, bias: `${stem}.bias` });
const norm = (stem: string) => ({ weight: `${stem}.weight`, bias: `${stem}.bias` });
const sharedTable = 'lm.wte.weight';

function bodyKeys(prefix: string): GptKeys {
  return {
    tokenEmbedding: sharedTable,
    positionEmbedding: `${prefix}.wpe.weight`,
    block: (layer: number, part: BlockPart) => `${prefix}.blocks.${layer}.${part}`,
    finalNorm: norm(`${prefix}.ln_f`),
    layout: 'linear',
  };
}

/**
 * The language model of lm, clipcap, capdec or decap (each file's `lm.*`; the table `lm.wte.weight` comes from
 * lm.safetensors).
 */
export function pocketGpt(shape: PocketShape = pocketShape): GptConfig {
  const { layers, heads, width, vocabulary, positions } = shape;
  return { layers, heads, width, vocabulary, positions, activation, epsilon, keys: bodyKeys('lm') };
}

/** The text tower of joint.safetensors. */
export function pocketTextTower(shape: PocketShape = pocketShape): TextTowerConfig {
  return {
    ...pocketGpt(shape),
    dim: shape.width,
    keys: { ...bodyKeys('text'), projection: { weight: 'text.proj.weight' } },
  };
}

/** Where the token table of CoCa's unimodal half lies once `pocketWithClassToken` has made it. */
const classTable = 'text.table';

/**
 * The unimodal half of coca.safetensors as a text tower: its lower blocks, pooled at the class token, whose id is the
 * first after the
 * vocabulary and which stands where other towers have their end token.
 */
export function pocketCocaText(shape: PocketShape = pocketShape): TextTowerConfig {
  const keys = {
    ...bodyKeys('text'),
    tokenEmbedding: classTable,
    finalNorm: norm('text.ln_cls'),
    projection: { weight: 'text.proj.weight' },
  };
  return { ...pocketGpt(shape), layers: shape.layers / 2, vocabulary: shape.vocabulary + 1, dim: shape.width, keys };
}

/** Weights with the class token as the last row of the token table. */
export const pocketWithClassToken = (weights: WeightMap): WeightMap =>
  withClassToken(weights, { table: sharedTable, token: 'text.cls', as: classTable });

const attention = (stem: string) => ({
  q: linear(`${stem}.q`),
  k: linear(`${stem}.k`),
  v: linear(`${stem}.v`),
  out: linear(`${stem}.out`),
});

/**
 * The image tower of joint.safetensors, as the manifest describes its photos (`space.image`); the first families named
 * no trunk.
 */
export function pocketImageTower(
  shape: PocketShape = pocketShape,
  image: { size?: number; mirror?: boolean; trunk?: TrunkName } = {},
): PocketImageTowerConfig {
  const pool = 'image.pool';
  const { size = 224, mirror = false, trunk = 'mobilenet-v2' } = image;
  return {
    trunk,
    size,
    mirror,
    dim: shape.width,
    heads: shape.poolHeads,
    hidden: 2 * shape.width,
    activation,
    epsilon,
    keys: {
      trunk: (part) => `image.trunk.${part}`,
      projection: linear(`${pool}.proj`),
      positions: `${pool}.pos`,
      norm: norm(`${pool}.norm`),
      query: `${pool}.query`,
      attention: attention(`${pool}.attn`),
      mean: linear(`${pool}.mean`),
      mlp: { norm: norm(`${pool}.mlp.norm`), fc1: linear(`${pool}.mlp.fc1`), fc2: linear(`${pool}.mlp.fc2`) },
    },
  };
}

/** ClipCap's and CapDec's mapper: embedding → hidden → `prefix` slots, tanh between. */
export function pocketMlpMapper(shape: PocketShape = pocketShape, prefix = 10, hidden = 384): MlpMapperConfig {
  return {
    dim: shape.width,
    prefix,
    width: shape.width,
    keys: { hidden, fc1: linear('mapper.fc1'), fc2: linear('mapper.fc2') },
  };
}

/** DeCap's mapper: one linear layer, one slot. */
export function pocketLinearMapper(shape: PocketShape = pocketShape): MlpMapperConfig {
  return { dim: shape.width, prefix: 1, width: shape.width, keys: { fc: linear('mapper.fc') } };
}

/** A pooler of coca.safetensors: `contrast` (one query) or `caption` (the image tokens). */
export function pocketPooler(
  which: 'contrast' | 'caption',
  shape: PocketShape = pocketShape,
  sizes: { queries?: number; tokens?: number; channels?: number } = {},
): AttentionalPoolerConfig {
  const { queries = which === 'contrast' ? 1 : 16, tokens = 49, channels = 1280 } = sizes;
  const stem = `pool.${which}`;
  return {
    channels,
    tokens,
    width: shape.width,
    queries,
    heads: shape.poolHeads,
    epsilon,
    keys: {
      input: { projection: linear(`${stem}.proj`), positions: `${stem}.pos` },
      query: `${stem}.query`,
      normTokens: norm(`${stem}.norm`),
      attention: attention(`${stem}.attn`),
      normOut: norm(`${stem}.norm_out`),
    },
  };
}

/**
 * The text decoder of coca.safetensors: lower half plain GPT blocks, upper half with cross-attention before the MLP.
 */
export function pocketCoca(shape: PocketShape = pocketShape, imageTokens = 16): CocaConfig {
  const steps = Array.from({ length: shape.layers }, (_, layer): CocaStep[] => {
    const stem = `text.blocks.${layer}`;
    const self = { norm: norm(`${stem}.ln_1`), qkv: linear(`${stem}.attn.qkv`), out: linear(`${stem}.attn.out`) };
    const mlp = { norm: norm(`${stem}.ln_2`), fc: linear(`${stem}.mlp.fc`), proj: linear(`${stem}.mlp.proj`) };
    if (layer < shape.layers / 2) return [{ self }, { mlp }];
    return [{ self }, { cross: { norm: norm(`${stem}.ln_x`), ...attention(`${stem}.xattn`) } }, { mlp }];
  }).flat();
  const { width, heads, vocabulary, positions } = shape;
  return {
    width,
    heads,
    vocabulary,
    positions,
    imageTokens,
    activation,
    epsilon,
    keys: { tokenEmbedding: sharedTable, positionEmbedding: 'text.wpe.weight', steps, finalNorm: norm('text.ln_f') },
  };
}
