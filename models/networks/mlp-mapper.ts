import { Graph, type Value } from '../onnx/graph';
import { Layers, type LinearKeys } from './layers';
import type { GraphOptions, WeightMap } from './types';

export type MlpMapperConfig = {
  /** Width of the embedding, number of prefix slots, width of the language model. */
  dim: number;
  prefix: number;
  width: number;
  /** One layer (DeCap), or two with tanh between (ClipCap). */
  keys: { fc: LinearKeys } | { hidden: number; fc1: LinearKeys; fc2: LinearKeys };
};

/**
 * Turns an embedding into prefix slots of a language model. Input embedding float32 [B,dim]; output prefix float32
 * [B,P,D].
 * @throws weights-invalid
 */
export function buildMlpMapper(config: MlpMapperConfig, weights: WeightMap, options: GraphOptions): Uint8Array {
  const { dim, keys } = config;
  const graph = new Graph('mlp-mapper');
  const layers = new Layers(graph, weights, options);
  const out = config.prefix * config.width;
  const embedding = layers.toActivations(graph.input('embedding', 'float32', ['batch', dim]));
  let slots: Value;
  if ('fc' in keys) slots = layers.linear(embedding, keys.fc, dim, out);
  else
    slots = layers.linear(
      graph.node('Tanh', [layers.linear(embedding, keys.fc1, dim, keys.hidden)]),
      keys.fc2,
      keys.hidden,
      out,
    );
  const prefix = graph.node('Reshape', [slots, graph.ints(-1, config.prefix, config.width)]);
  graph.output('prefix', 'float32', ['batch', config.prefix, config.width], layers.toFloat32(prefix));
  return graph.encode();
}
