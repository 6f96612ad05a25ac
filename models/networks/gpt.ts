import { Graph, type Value } from '../onnx/graph';
import { type AttentionOperator, CachedAttention } from './attention';
import { languageModelHead } from './head';
import { Layers, type LinearKeys, type NormKeys } from './layers';
import { mlp, residualStack, selfAttention, type Sublayer } from './transformer';
import type { BlockPart, GptConfig, GptKeys, GraphOptions, WeightMap } from './types';

/** What the bench compares: another attention operator, or all logits instead of the best k. */
export type GptVariant = { attention?: AttentionOperator; allLogits?: boolean };

/**
 * A GPT-style language model (GPT-2's architecture: pre-norm, learned positions, tied table) as one step graph that
 * prefills and
 * steps. Inputs and outputs: `GptConfig` in types.ts. @throws weights-invalid
 */
export function buildGpt(
  config: GptConfig,
  weights: WeightMap,
  options: GraphOptions,
  variant: GptVariant = {},
): Uint8Array {
  const { width, keys } = config;
  const graph = new Graph('gpt');
  const layers = new Layers(graph, weights, options);
  const table = layers.table(keys.tokenEmbedding, config.vocabulary, width);
  const prefix = layers.toActivations(graph.input('prefix_embeds', 'float32', ['batch', 'prefix', width]));
  const ids = graph.input('input_ids', 'int64', ['batch', 'ids']);
  const positions = graph.input('position_ids', 'int64', ['new']);
  const tokens = graph.node('Concat', [prefix, layers.lookup(table, ids)], { attributes: { axis: 1 } });
  const x = layers.add(tokens, layers.positions(keys.positionEmbedding, config.positions, width, positions));
  const bias = takesBias(options.device)
    ? layers.toActivations(graph.input('attention_bias', 'float32', [1, 1, 'new', 'total']))
    : undefined;
  const attention = new CachedAttention(
    layers,
    width,
    config.heads,
    variant.attention ?? stepAttention(options.device),
    bias,
  );
  const steps = Array.from({ length: config.layers }, (_, layer) => gptBlock(layers, config, layer, attention)).flat();
  const hidden = residualStack(layers, x, steps, width, config.epsilon);
  languageModelHead(layers, hidden, {
    norm: keys.finalNorm,
    width,
    epsilon: config.epsilon,
    allLogits: variant.allLogits,
    someTokens: true,
    product: (last: Value) => layers.tiedProduct(last, keys.tokenEmbedding, table, config.vocabulary, width),
  });
  return graph.encode();
}

/** The operator that steps fastest on a device. */
export function stepAttention(device: GraphOptions['device']): AttentionOperator {
  if (device === 'cpu') return 'held';
  // WASM copies every input into its own memory, so that there a cache in place wins nothing.
  return device === 'wasm' ? 'multi-head' : 'group-query';
}

/**
 * CUDA's operator refuses a bias, and WebGPU's answers wrongly of many new tokens in one row on a software adapter,
 * with a bias or without. Rivals are rows of a batch there.
 */
const takesBias = (device: GraphOptions['device']) => stepAttention(device) !== 'group-query';

/** Causal self-attention and MLP of one GPT block, keys named as in `GptKeys`. */
export function gptBlock(
  layers: Layers,
  config: Pick<GptConfig, 'width' | 'activation'> & { keys: Pick<GptKeys, 'block' | 'layout'> },
  layer: number,
  attention: CachedAttention,
): [Sublayer, Sublayer] {
  const { width } = config;
  const part = gptBlockKeys(config.keys, layer);
  return [
    selfAttention(
      layers,
      { norm: part.norm('ln_1'), qkv: part.linear('attn.qkv'), out: part.linear('attn.out') },
      width,
      (qkv, bias) => attention.attend(layer, qkv, bias),
    ),
    mlp(
      layers,
      { norm: part.norm('ln_2'), fc: part.linear('mlp.fc'), proj: part.linear('mlp.proj') },
      width,
      4 * width,
      config.activation,
    ),
  ];
}

type Stem<T> = T extends `${infer S}.weight` ? S : never;

export function gptBlockKeys(keys: Pick<GptKeys, 'block' | 'layout'>, layer: number) {
  const pair = (stem: Stem<BlockPart>): NormKeys => ({
    weight: keys.block(layer, `${stem}.weight`),
    bias: keys.block(layer, `${stem}.bias`),
  });
  return { norm: pair, linear: (stem: Stem<BlockPart>): LinearKeys => ({ ...pair(stem), layout: keys.layout }) };
}
