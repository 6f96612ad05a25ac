import { StudioError } from '../errors';
import { Graph, type Value } from '../onnx/graph';
import { crossAttention } from './attention';
import { gridChannels, invertedResiduals } from './inverted-residuals';
import { Layers, type LinearKeys, type NormKeys } from './layers';
import { type TrunkName, trunks } from './trunks';
import type { Activation, GraphOptions, WeightMap } from './types';

export type PocketImageTowerConfig = {
  trunk: TrunkName;
  /** Pixels of a side, a multiple of 32; the grid has (size / 32)² tokens. */
  size: number;
  dim: number;
  heads: number;
  hidden: number;
  activation: Activation;
  epsilon: number;
  /** The embedding is the mean of the photo's and its mirror image's; the grid stays the photo's. */
  mirror?: boolean;
  /** `trunk('blocks.3.expand')` → the stem of a convolution's keys. */
  keys: {
    trunk: (part: string) => string;
    projection: LinearKeys;
    positions: string;
    norm: NormKeys;
    query: string;
    attention: Record<'q' | 'k' | 'v' | 'out', LinearKeys>;
    mean: LinearKeys;
    mlp: { norm: NormKeys; fc1: LinearKeys; fc2: LinearKeys };
  };
};

/**
 * A trunk of inverted residuals with attention pooling.
 * Input pixels float32 [B,3,size,size]; outputs embedding float32 [B,dim] (raw) and grid float32 [B,tokens,1280] (row
 * major).
 * Convolutions stay in fp32 at 8 bit: they are few weights and run once a photo. @throws weights-invalid
 */
export function buildPocketImageTower(
  config: PocketImageTowerConfig,
  weights: WeightMap,
  options: GraphOptions,
): Uint8Array {
  const { dim, keys, epsilon } = config;
  if (config.size % 32)
    throw new StudioError(
      'weights-invalid',
      `The image tower takes photos of ${config.size} pixels a side in the manifest (space.image.size); expected a multiple of 32. Restore the family's manifest.`,
    );
  const graph = new Graph('pocket-image-tower');
  const layers = new Layers(graph, weights, options);
  const tokens = (config.size / 32) ** 2;
  const pixels = layers.toActivations(graph.input('pixels', 'float32', ['batch', 3, config.size, config.size]));
  const views = config.mirror
    ? graph.node('Concat', [pixels, mirrored(graph, pixels)], { attributes: { axis: 0 } })
    : pixels;
  const map = invertedResiduals(layers, views, trunks[config.trunk], keys.trunk);
  const flat = graph.node('Reshape', [map, graph.ints(0, gridChannels, tokens)]);
  const grid = graph.node('Transpose', [flat], { attributes: { perm: [0, 2, 1] } });
  const seen = config.mirror
    ? graph.node('Gather', [graph.node('Reshape', [grid, graph.ints(2, -1, tokens, gridChannels)]), graph.int(0)], {
        attributes: { axis: 0 },
      })
    : grid;
  graph.output('grid', 'float32', ['batch', tokens, gridChannels], layers.toFloat32(seen));

  const placed = layers.add(
    layers.linear(grid, keys.projection, gridChannels, dim),
    layers.parameter(keys.positions, [tokens, dim]),
  );
  const normed = layers.layerNorm(placed, keys.norm, dim, epsilon);
  const linear = (x: Value, part: 'q' | 'k' | 'v' | 'out') => layers.linear(x, keys.attention[part], dim, dim);
  const query = layers.repeatOverBatch(linear(layers.parameter(keys.query, [1, dim]), 'q'), normed, 1, dim);
  const attended = linear(crossAttention(layers, query, linear(normed, 'k'), linear(normed, 'v'), config.heads), 'out');
  const mean = graph.node('ReduceMean', [grid], { attributes: { axes: [1], keepdims: 0 } });
  const sum = layers.add(
    graph.node('Reshape', [attended, graph.ints(-1, dim)]),
    layers.linear(mean, keys.mean, gridChannels, dim),
  );
  const inner = layers.linear(
    layers.layerNorm(sum, keys.mlp.norm, dim, epsilon),
    keys.mlp.fc1,
    dim,
    config.hidden,
    'later',
  );
  const active = layers.activation(inner, config.activation, layers.biasOf(keys.mlp.fc1, config.hidden));
  const embedding = layers.add(sum, layers.linear(active, keys.mlp.fc2, config.hidden, dim));
  const averaged = config.mirror
    ? graph.node('ReduceMean', [graph.node('Reshape', [embedding, graph.ints(2, -1, dim)])], {
        attributes: { axes: [0], keepdims: 0 },
      })
    : embedding;
  graph.output('embedding', 'float32', ['batch', dim], layers.toFloat32(averaged));
  return graph.encode();
}

/** [B,3,S,S] with left and right exchanged. */
const mirrored = (graph: Graph, pixels: Value): Value =>
  graph.node('Slice', [pixels, graph.ints(-1), graph.ints(-(2 ** 31)), graph.ints(3), graph.ints(-1)]);
