import { Graph, type Value } from '../onnx/graph';
import { crossAttention, fromHeads, plainAttention, toHeads } from './attention';
import { Layers, type LinearKeys, type NormKeys } from './layers';
import type { GraphOptions, WeightMap } from './types';

/**
 * Learned queries attend to a grid. Ours projects the grid first (`input`), norms it and norms the result; open_clip's
 * norms the grid
 * as it is and the queries too, then applies `ln_post`, and takes query 0 as the image embedding.
 */
export type AttentionalPoolerConfig = {
  /** Channels of the grid, its tokens (where positions are added), width of the result, learned queries, heads. */
  channels: number;
  tokens?: number;
  width: number;
  queries: number;
  heads: number;
  epsilon: number;
  /** Only these of the queries, each of which sees the grid without the others. */
  rows?: { start: number; count: number };
  keys: {
    input?: { projection: LinearKeys; positions: string };
    query: string;
    normTokens: NormKeys;
    normQuery?: NormKeys;
    attention: Record<'q' | 'k' | 'v' | 'out', LinearKeys>;
    normOut: NormKeys;
    /** With it, query 0 times this matrix becomes the output `embedding`, and `tokens` are the others. */
    projection?: LinearKeys & { dim: number };
  };
};

/**
 * Input grid float32 [B,N,C]; outputs tokens float32 [B,n,D] and, with a projection, embedding float32 [B,dim] (raw).
 * With
 * `attentionMap` also attention float32 [B,n,N]: how much each query looks at each cell, averaged over heads.
 * @throws weights-invalid
 */
export function buildAttentionalPooler(
  config: AttentionalPoolerConfig,
  weights: WeightMap,
  options: GraphOptions,
  variant: { attentionMap?: boolean } = {},
): Uint8Array {
  const { width, channels, keys } = config;
  const count = config.rows?.count ?? config.queries;
  const graph = new Graph('attentional-pooler');
  const layers = new Layers(graph, weights, options);
  const grid = layers.toActivations(graph.input('grid', 'float32', ['batch', config.tokens ?? 'grid', channels]));
  const { result, attention } = pool(layers, config, grid, variant);
  if (attention) graph.output('attention', 'float32', ['batch', count, config.tokens ?? 'grid'], attention);
  if (!keys.projection) {
    graph.output('tokens', 'float32', ['batch', count, width], layers.toFloat32(result));
    return graph.encode();
  }
  graph.output('embedding', 'float32', ['batch', keys.projection.dim], firstProjected(layers, config, result));
  const others = graph.node('Slice', [result, graph.ints(1), graph.ints(count), graph.ints(1)]);
  graph.output('tokens', 'float32', ['batch', count - 1, width], layers.toFloat32(others));
  return graph.encode();
}

/** Query 0 of a result [B,n,D] times the projection: float32 [B,dim]. */
export function firstProjected(layers: Layers, { width, keys }: AttentionalPoolerConfig, result: Value): Value {
  const { dim, ...projection } = keys.projection!;
  const pooled = layers.graph.node('Gather', [result, layers.graph.int(0)], { attributes: { axis: 1 } });
  return layers.toFloat32(layers.linear(pooled, projection, width, dim));
}

/** What the queries see of a grid [B,N,C]: [B,n,D], and with `attentionMap` float32 [B,n,N] how much at each cell. */
export function pool(
  layers: Layers,
  config: AttentionalPoolerConfig,
  grid: Value,
  variant: { attentionMap?: boolean } = {},
): { result: Value; attention?: Value } {
  const { width, channels, queries, epsilon, keys, rows } = config;
  const count = rows?.count ?? queries;
  const { graph } = layers;
  let tokens = grid;
  let depth = channels;
  if (keys.input) {
    const projected = layers.linear(grid, keys.input.projection, channels, width);
    tokens = layers.add(projected, layers.parameter(keys.input.positions, [config.tokens ?? 0, width]));
    depth = width;
  }
  const normed = layers.layerNorm(tokens, keys.normTokens, depth, epsilon);
  let query = layers.parameter(keys.query, [queries, width]);
  if (rows)
    query = graph.node('Slice', [query, graph.ints(rows.start), graph.ints(rows.start + rows.count), graph.ints(0)]);
  if (keys.normQuery) query = layers.layerNorm(query, keys.normQuery, width, epsilon);
  const { q, k, v, out } = keys.attention;
  const queryRows = layers.repeatOverBatch(layers.linear(query, q, width, width), grid, count, width);
  const [keyRows, valueRows] = [layers.linear(normed, k, depth, width), layers.linear(normed, v, depth, width)];
  let attended: Value;
  let attention: Value | undefined;
  if (variant.attentionMap) {
    const size = width / config.heads;
    const [queryHeads, keyHeads, valueHeads] = [queryRows, keyRows, valueRows].map((rows) =>
      toHeads(layers, rows, config.heads, size),
    ) as [Value, Value, Value];
    const { attended: split, probabilities } = plainAttention(layers, queryHeads, keyHeads, valueHeads, size);
    attention = layers.toFloat32(graph.node('ReduceMean', [probabilities], { attributes: { axes: [1], keepdims: 0 } }));
    attended = fromHeads(layers, split, width);
  } else attended = crossAttention(layers, queryRows, keyRows, valueRows, config.heads);
  return {
    result: layers.layerNorm(layers.linear(attended, out, width, width), keys.normOut, width, epsilon),
    attention,
  };
}
