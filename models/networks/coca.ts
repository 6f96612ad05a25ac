import { Graph, type Value } from '../onnx/graph';
import { CachedAttention, crossAttention, fromHeads, plainAttention, toHeads } from './attention';
import { stepAttention } from './gpt';
import { languageModelHead } from './head';
import { Layers, type LinearKeys, type NormKeys } from './layers';
import { mlp, residualStack, selfAttention, type Sublayer } from './transformer';
import type { Activation, GraphOptions, WeightMap } from './types';

/** `paddingMask` (open_clip's text half): the input `attention_mask` stands in place of the causal mask. */
export type CocaSelf = { norm: NormKeys; qkv: LinearKeys; out: LinearKeys; paddingMask?: boolean };
export type CocaMlp = { norm: NormKeys; fc: LinearKeys; proj: LinearKeys };
/** `normMemory` (open_clip's ln_1_kv) norms the image tokens before keys and values. */
export type CocaCross = {
  norm: NormKeys;
  normMemory?: NormKeys;
  q: LinearKeys;
  k: LinearKeys;
  v: LinearKeys;
  out: LinearKeys;
};
/** The steps of a decoder in the order in which they run; ours and open_clip's differ only here. */
export type CocaStep = { self: CocaSelf } | { mlp: CocaMlp } | { cross: CocaCross };

export type CocaConfig = {
  width: number;
  heads: number;
  vocabulary: number;
  positions: number;
  imageTokens: number;
  activation: Activation;
  epsilon: number;
  keys: {
    tokenEmbedding: string;
    positionEmbedding: string;
    steps: readonly CocaStep[];
    finalNorm: NormKeys;
    /** Without it the logits are tied to the token table. */
    logits?: LinearKeys;
  };
};

/**
 * Keys and values of every cross-attention, once a photo. Input image_tokens float32 [P,n,D]; outputs cross_key.{l},
 * cross_value.{l}
 * [P,H,n,D/H], l counting the cross-attention steps. @throws weights-invalid
 */
export function buildCocaCross(config: CocaConfig, weights: WeightMap, options: GraphOptions): Uint8Array {
  const { width, heads, imageTokens } = config;
  const graph = new Graph('coca-cross');
  const layers = new Layers(graph, weights, options);
  const tokens = layers.toActivations(graph.input('image_tokens', 'float32', ['photos', imageTokens, width]));
  crossSteps(config).forEach((cross, layer) => {
    const memory = cross.normMemory ? layers.layerNorm(tokens, cross.normMemory, width, config.epsilon) : tokens;
    for (const part of ['key', 'value'] as const) {
      const projected = layers.linear(memory, part === 'key' ? cross.k : cross.v, width, width);
      graph.output(
        `cross_${part}.${layer}`,
        layers.float,
        ['photos', heads, imageTokens, width / heads],
        toHeads(layers, projected, heads, width / heads),
      );
    }
  });
  return graph.encode();
}

/**
 * CoCa's text decoder as a step graph: the contract of `GptConfig` without `prefix_embeds`, plus the inputs
 * cross_key.{l} and
 * cross_value.{l} [P,H,n,D/H], each shared by the B / P rows of its photo, which follow one another,
 * on GPUs photo_rows int64 [3], which is P, -1, D; attention_mask float32 [B,1,S,T] where steps have a padding mask
 * (models/spaces/padding-mask.ts), and the output largest_logit float32 [B]. With `attentionMap` the graph ends there
 * instead: cross_attention float32 [B,S,n], how much each new token looks at each image token, averaged over heads and
 * layers. @throws weights-invalid
 */
export function buildCocaDecoder(
  config: CocaConfig,
  weights: WeightMap,
  options: GraphOptions,
  variant: { attentionMap?: boolean } = {},
): Uint8Array {
  const { width, heads, keys, epsilon } = config;
  const graph = new Graph('coca-decoder');
  const layers = new Layers(graph, weights, options);
  const table = layers.table(keys.tokenEmbedding, config.vocabulary, width);
  const ids = graph.input('input_ids', 'int64', ['batch', 'new']);
  const positions = graph.input('position_ids', 'int64', ['new']);
  const x = layers.add(
    layers.lookup(table, ids),
    layers.positions(keys.positionEmbedding, config.positions, width, positions),
  );
  const attention = new CachedAttention(layers, width, heads, stepAttention(options.device));
  const mask = keys.steps.some((step) => 'self' in step && step.self.paddingMask)
    ? layers.toActivations(graph.input('attention_mask', 'float32', ['batch', 1, 'new', 'total']))
    : undefined;
  const maps: Value[] = [];
  let selfLayers = 0;
  let crossLayers = 0;
  const steps = keys.steps.map((step): Sublayer => {
    if ('mlp' in step) return mlp(layers, step.mlp, width, 4 * width, config.activation);
    if ('cross' in step)
      return crossStep(layers, config, step.cross, crossLayers++, variant.attentionMap ? maps : undefined);
    const layer = selfLayers++;
    return selfAttention(layers, step.self, width, (qkv, bias) =>
      attention.attend(layer, qkv, bias, step.self.paddingMask ? mask : undefined),
    );
  });
  const hidden = residualStack(layers, x, steps, width, epsilon);
  if (maps.length) {
    const mean = graph.node('Mul', [
      maps.length > 1 ? graph.node('Sum', maps) : maps[0]!,
      layers.scalar(1 / maps.length),
    ]);
    graph.output('cross_attention', 'float32', ['batch', 'new', config.imageTokens], layers.toFloat32(mean));
    return graph.encode();
  }
  languageModelHead(layers, hidden, {
    norm: keys.finalNorm,
    width,
    epsilon,
    largestLogit: true,
    product: (last) =>
      keys.logits
        ? layers.linear(last, keys.logits, width, config.vocabulary)
        : layers.tiedProduct(last, keys.tokenEmbedding, table, config.vocabulary, width),
  });
  return graph.encode();
}

/** Cross-attention of [batch, new, width] to the constant keys and values of one photo. */
function crossStep(
  layers: Layers,
  config: CocaConfig,
  cross: CocaCross,
  layer: number,
  maps: Value[] | undefined,
): Sublayer {
  const { graph, float } = layers;
  const { width, heads, imageTokens } = config;
  const headSize = width / heads;
  const [key, value] = ['key', 'value'].map((part) =>
    graph.input(`cross_${part}.${layer}`, float, ['photos', heads, imageTokens, headSize]),
  ) as [Value, Value];
  return {
    norm: cross.norm,
    update: (normed) => {
      const query = layers.linear(normed, cross.q, width, width);
      let attended: Value;
      if (maps) {
        const { attended: split, probabilities } = plainAttention(
          layers,
          toHeads(layers, query, heads, headSize),
          key,
          value,
          headSize,
        );
        attended = fromHeads(layers, split, width);
        maps.push(graph.node('ReduceMean', [probabilities], { attributes: { axes: [1], keepdims: 0 } }));
      } else {
        // No mask: all rows of a photo are queries of one sequence, so its keys and values need not be repeated.
        const rows = graph.node('Reshape', [query, rowsOfPhotos(layers, key, width)]);
        attended = graph.node('Reshape', [
          crossAttention(layers, rows, key, value, heads),
          graph.node('Shape', [query]),
        ]);
      }
      return {
        value: layers.linear(attended, cross.out, width, width, 'later'),
        bias: layers.biasOf(cross.out, width),
      };
    },
  };
}

/** The shape [photos, rows of each, width]. WebGPU has no Concat of integers, so there it is the input `photo_rows`. */
function rowsOfPhotos({ graph, onGpu }: Layers, key: Value, width: number): Value {
  if (onGpu) return graph.share('photo_rows', (name) => graph.input(name, 'int64', [3]));
  const photos = graph.node('Shape', [key], { attributes: { start: 0, end: 1 } });
  return graph.node('Concat', [photos, graph.ints(-1, width)], { attributes: { axis: 0 } });
}

function crossSteps(config: CocaConfig): CocaCross[] {
  return config.keys.steps.flatMap((step) => ('cross' in step ? [step.cross] : []));
}
