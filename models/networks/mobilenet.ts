import { Graph, type Value } from '../onnx/graph';
import { crossAttention } from './attention';
import { Layers, type LinearKeys, type NormKeys } from './layers';
import type { Activation, GraphOptions, WeightMap } from './types';

/** MobileNetV2 1.0 (Sandler et al. 2018, table 2): expansion, channels, repeats, stride of the first. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const stemChannels = 32;
const headChannels = 1280;

export type MobileNetTowerConfig = {
  /** Pixels of a side; the grid has (size / 32)² tokens. */
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
 * A MobileNetV2 trunk (BatchNorm folded, TensorFlow's SAME padding) with attention pooling.
 * Input pixels float32 [B,3,size,size]; outputs embedding float32 [B,dim] (raw) and grid float32 [B,tokens,1280] (row major).
 * Convolutions stay in fp32 at 8 bit: they are few weights and run once a photo. @throws weights-invalid
 */
export function buildMobileNetTower(config: MobileNetTowerConfig, weights: WeightMap, options: GraphOptions): Uint8Array {
  const { dim, keys, epsilon } = config;
  const graph = new Graph('mobilenet-tower');
  const layers = new Layers(graph, weights, options);
  const tokens = (config.size / 32) ** 2;
  const pixels = layers.toActivations(graph.input('pixels', 'float32', ['batch', 3, config.size, config.size]));
  const map = trunk(layers, config.mirror ? graph.node('Concat', [pixels, mirrored(graph, pixels)], { attributes: { axis: 0 } }) : pixels, keys.trunk);
  const flat = graph.node('Reshape', [map, graph.ints(0, headChannels, tokens)]);
  const grid = graph.node('Transpose', [flat], { attributes: { perm: [0, 2, 1] } });
  const seen = config.mirror ? graph.node('Gather', [graph.node('Reshape', [grid, graph.ints(2, -1, tokens, headChannels)]), graph.int(0)], { attributes: { axis: 0 } }) : grid;
  graph.output('grid', 'float32', ['batch', tokens, headChannels], layers.toFloat32(seen));

  const placed = layers.add(layers.linear(grid, keys.projection, headChannels, dim), layers.parameter(keys.positions, [tokens, dim]));
  const normed = layers.layerNorm(placed, keys.norm, dim, epsilon);
  const linear = (x: Value, part: 'q' | 'k' | 'v' | 'out') => layers.linear(x, keys.attention[part], dim, dim);
  const query = layers.repeatOverBatch(linear(layers.parameter(keys.query, [1, dim]), 'q'), normed, 1, dim);
  const attended = linear(crossAttention(layers, query, linear(normed, 'k'), linear(normed, 'v'), config.heads), 'out');
  const mean = graph.node('ReduceMean', [grid], { attributes: { axes: [1], keepdims: 0 } });
  const sum = layers.add(graph.node('Reshape', [attended, graph.ints(-1, dim)]), layers.linear(mean, keys.mean, headChannels, dim));
  const inner = layers.linear(layers.layerNorm(sum, keys.mlp.norm, dim, epsilon), keys.mlp.fc1, dim, config.hidden, 'later');
  const active = layers.activation(inner, config.activation, layers.biasOf(keys.mlp.fc1, config.hidden));
  const embedding = layers.add(sum, layers.linear(active, keys.mlp.fc2, config.hidden, dim));
  const averaged = config.mirror ? graph.node('ReduceMean', [graph.node('Reshape', [embedding, graph.ints(2, -1, dim)])], { attributes: { axes: [0], keepdims: 0 } }) : embedding;
  graph.output('embedding', 'float32', ['batch', dim], layers.toFloat32(averaged));
  return graph.encode();
}

/** [B,3,S,S] with left and right exchanged. */
const mirrored = (graph: Graph, pixels: Value): Value => graph.node('Slice', [pixels, graph.ints(-1), graph.ints(-(2 ** 31)), graph.ints(3), graph.ints(-1)]);

/** pixels [B,3,S,S] → [B,1280,S/32,S/32]. */
function trunk(layers: Layers, pixels: Value, key: (part: string) => string): Value {
  let x = convolution(layers, pixels, key('stem'), { in: 3, out: stemChannels, kernel: 3, stride: 2, clip: true });
  let channels: number = stemChannels;
  let index = 0;
  for (const [expansion, out, repeats, firstStride] of stages)
    for (let repeat = 0; repeat < repeats; repeat++) {
      const block = key(`blocks.${index++}`);
      const stride = repeat === 0 ? firstStride : 1;
      const hidden = channels * expansion;
      let y = x;
      if (expansion > 1) y = convolution(layers, y, `${block}.expand`, { in: channels, out: hidden, kernel: 1, stride: 1, clip: true });
      y = convolution(layers, y, `${block}.depthwise`, { in: hidden, out: hidden, kernel: 3, stride, depthwise: true, clip: true });
      y = convolution(layers, y, `${block}.project`, { in: hidden, out, kernel: 1, stride: 1 });
      x = stride === 1 && channels === out ? layers.add(x, y) : y;
      channels = out;
    }
  return convolution(layers, x, key('head'), { in: channels, out: headChannels, kernel: 1, stride: 1, clip: true });
}

type Convolution = { in: number; out: number; kernel: 1 | 3; stride: number; depthwise?: boolean; clip?: boolean };

/** A convolution with SAME padding and, with `clip`, ReLU6. At stride 2 an even size is padded after its end only. */
function convolution(layers: Layers, x: Value, key: string, shape: Convolution): Value {
  const { graph } = layers;
  const { kernel, stride } = shape;
  const pads = kernel === 1 ? [0, 0, 0, 0] : stride === 2 ? [0, 0, 1, 1] : [1, 1, 1, 1];
  const weight = layers.parameter(`${key}.weight`, [shape.out, shape.depthwise ? 1 : shape.in, kernel, kernel]);
  const y = graph.node('Conv', [x, weight, layers.parameter(`${key}.bias`, [shape.out])], {
    attributes: { kernel_shape: [kernel, kernel], strides: [stride, stride], pads, group: shape.depthwise ? shape.in : 1 },
  });
  return shape.clip ? graph.node('Clip', [y, layers.scalar(0), layers.scalar(6)]) : y;
}
