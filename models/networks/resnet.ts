import { Graph, type Value } from '../onnx/graph';
import { crossAttention } from './attention';
import { Layers, type LinearKeys } from './layers';
import type { GraphOptions, WeightMap } from './types';

/** Where a convolution and the BatchNorm after it lie. */
export type ConvolutionKeys = { weight: string; norm: string };

export type ResNetTowerConfig = {
  /** Pixels of a side; the last map has (size / 32)² places. */
  size: number;
  /** Channels of the stem; the last map has 32 times as many. */
  width: number;
  heads: number;
  dim: number;
  /** Blocks of the four stages. */
  layers: readonly [number, number, number, number];
  epsilon: number;
  keys: {
    stem: readonly [ConvolutionKeys, ConvolutionKeys, ConvolutionKeys];
    block: (
      stage: number,
      block: number,
    ) => { conv1: ConvolutionKeys; conv2: ConvolutionKeys; conv3: ConvolutionKeys; downsample: ConvolutionKeys };
    positions: string;
    attention: Record<'q' | 'k' | 'v' | 'out', LinearKeys>;
  };
};

/**
 * CLIP's ModifiedResNet (openai/CLIP at d05afc4, `ModifiedResNet` and `AttentionPool2d`): a stem of three convolutions,
 * strides by average
 * pooling before the last convolution of a block, and attention of the mean to all places instead of a pooling.
 * BatchNorm is folded into
 * the convolutions. Input pixels float32 [B,3,size,size]; output embedding float32 [B,dim] (raw). Convolutions stay in
 * fp32 at 8 bit.
 * @throws weights-invalid
 */
export function buildResNetTower(config: ResNetTowerConfig, weights: WeightMap, options: GraphOptions): Uint8Array {
  const { size, width, keys } = config;
  const graph = new Graph('resnet-tower');
  const layers = new Layers(graph, weights, options);
  const write = new Convolutions(layers, config.epsilon);
  const pixels = layers.toActivations(graph.input('pixels', 'float32', ['batch', 3, size, size]));
  const [first, second, third] = keys.stem;
  let x = write.relu(write.convolution(pixels, first, { in: 3, out: width / 2, kernel: 3, stride: 2 }));
  x = write.relu(write.convolution(x, second, { in: width / 2, out: width / 2, kernel: 3 }));
  x = write.relu(write.convolution(x, third, { in: width / 2, out: width, kernel: 3 }));
  x = write.halved(x);
  let channels = width;
  config.layers.forEach((count, stage) => {
    const planes = width * 2 ** stage;
    for (let block = 0; block < count; block++) {
      const part = keys.block(stage, block);
      const stride = stage > 0 && block === 0 ? 2 : 1;
      let y = write.relu(write.convolution(x, part.conv1, { in: channels, out: planes, kernel: 1 }));
      y = write.relu(write.convolution(y, part.conv2, { in: planes, out: planes, kernel: 3 }));
      if (stride > 1) y = write.halved(y);
      y = write.convolution(y, part.conv3, { in: planes, out: 4 * planes, kernel: 1 });
      const kept =
        block === 0
          ? write.convolution(stride > 1 ? write.halved(x) : x, part.downsample, {
              in: channels,
              out: 4 * planes,
              kernel: 1,
            })
          : x;
      x = write.relu(layers.add(y, kept));
      channels = 4 * planes;
    }
  });
  graph.output(
    'embedding',
    'float32',
    ['batch', config.dim],
    layers.toFloat32(attentionPool(layers, config, x, channels)),
  );
  return graph.encode();
}

/** Map [B,C,H,W] → [B,dim]: the mean of all places attends to itself and to them. */
function attentionPool(
  layers: Layers,
  { size, heads, dim, keys }: ResNetTowerConfig,
  map: Value,
  channels: number,
): Value {
  const { graph } = layers;
  const places = (size / 32) ** 2;
  const flat = graph.node('Transpose', [graph.node('Reshape', [map, graph.ints(0, channels, places)])], {
    attributes: { perm: [0, 2, 1] },
  });
  const mean = graph.node('ReduceMean', [flat], { attributes: { axes: [1], keepdims: 1 } });
  const tokens = layers.add(
    graph.node('Concat', [mean, flat], { attributes: { axis: 1 } }),
    layers.parameter(keys.positions, [places + 1, channels]),
  );
  const query = graph.node('Slice', [tokens, graph.ints(0), graph.ints(1), graph.ints(1)]);
  const { q, k, v, out } = keys.attention;
  const attended = crossAttention(
    layers,
    layers.linear(query, q, channels, channels),
    layers.linear(tokens, k, channels, channels),
    layers.linear(tokens, v, channels, channels),
    heads,
  );
  return layers.linear(graph.node('Reshape', [attended, graph.ints(-1, channels)]), out, channels, dim);
}

class Convolutions {
  constructor(
    private readonly layers: Layers,
    private readonly epsilon: number,
  ) {}

  /** A bias-free convolution and its BatchNorm as one convolution with a bias. */
  convolution(
    x: Value,
    keys: ConvolutionKeys,
    shape: { in: number; out: number; kernel: 1 | 3; stride?: number },
  ): Value {
    const { layers } = this;
    const { out, kernel, stride = 1 } = shape;
    const weight = layers.tensor(keys.weight, [out, shape.in, kernel, kernel]).values;
    const [gain, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(
      (part) => layers.tensor(`${keys.norm}.${part}`, [out]).values,
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const folded = new Float32Array(weight.length);
    const bias = new Float32Array(out);
    const each = weight.length / out;
    for (let channel = 0; channel < out; channel++) {
      const scale = gain[channel]! / Math.sqrt(variance[channel]! + this.epsilon);
      bias[channel] = shift[channel]! - mean[channel]! * scale;
      for (let i = channel * each; i < (channel + 1) * each; i++) folded[i] = weight[i]! * scale;
    }
    const pad = kernel === 3 ? 1 : 0;
    return layers.graph.node(
      'Conv',
      [
        x,
        layers.constant(`${keys.weight}.folded`, [out, shape.in, kernel, kernel], folded),
        layers.constant(`${keys.weight}.bias`, [out], bias),
      ],
      {
        attributes: { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] },
      },
    );
  }

  relu(x: Value): Value {
    return this.layers.graph.node('Relu', [x]);
  }

  /** Mean of every 2 x 2 places. */
  halved(x: Value): Value {
    return this.layers.graph.node('AveragePool', [x], { attributes: { kernel_shape: [2, 2], strides: [2, 2] } });
  }
}
