import { Graph } from '../onnx/graph';
import { fullAttention } from './attention';
import { Layers, type LinearKeys, type NormKeys } from './layers';
import { mlp, residualStack, selfAttention } from './transformer';
import type { Activation, GraphOptions, WeightMap } from './types';

export type TransformerMapperConfig = {
  /** Width of the embedding; rows that it is spread over; learned constants, which become the prefix. */
  dim: number;
  spread: number;
  prefix: number;
  width: number;
  layers: number;
  heads: number;
  hidden: number;
  activation: Activation;
  epsilon: number;
  keys: {
    spread: LinearKeys;
    /** [prefix, width] */
    constants: string;
    block: (layer: number) => {
      norm1: NormKeys;
      qkv: readonly LinearKeys[];
      out: LinearKeys;
      norm2: NormKeys;
      fc: LinearKeys;
      proj: LinearKeys;
    };
  };
};

/**
 * ClipCap's transformer mapper: the embedding, spread over rows, and learned constants attend to each other; what the
 * constants
 * become is the prefix. Input embedding float32 [B,dim]; output prefix float32 [B,P,D]. @throws weights-invalid
 */
export function buildTransformerMapper(
  config: TransformerMapperConfig,
  weights: WeightMap,
  options: GraphOptions,
): Uint8Array {
  const { dim, spread, prefix, width, heads, keys } = config;
  const graph = new Graph('transformer-mapper');
  const layers = new Layers(graph, weights, options);
  const embedding = layers.toActivations(graph.input('embedding', 'float32', ['batch', dim]));
  const rows = graph.node('Reshape', [
    layers.linear(embedding, keys.spread, dim, spread * width),
    graph.ints(-1, spread, width),
  ]);
  const constants = layers.repeatOverBatch(layers.parameter(keys.constants, [prefix, width]), rows, prefix, width);
  const tokens = graph.node('Concat', [rows, constants], { attributes: { axis: 1 } });
  const steps = Array.from({ length: config.layers }, (_, layer) => {
    const { norm1, qkv, out, norm2, fc, proj } = keys.block(layer);
    return [
      selfAttention(layers, { norm: norm1, qkv, out }, width, (x, bias) =>
        fullAttention(layers, x, bias, width, heads),
      ),
      mlp(layers, { norm: norm2, fc, proj }, width, config.hidden, config.activation),
    ];
  }).flat();
  const hidden = residualStack(layers, tokens, steps, width, config.epsilon);
  const last = graph.node('Slice', [hidden, graph.ints(spread), graph.ints(spread + prefix), graph.ints(1)]);
  graph.output('prefix', 'float32', ['batch', prefix, width], layers.toFloat32(last));
  return graph.encode();
}
