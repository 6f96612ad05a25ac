import type { Value } from '../onnx/graph';
import type { Layers } from './layers';

/**
 * Blocks of one width: expansion of the hidden channels, channels out, blocks, kernel of the depthwise convolutions,
 * stride of the first.
 */
export type Stage = { expansion: number; channels: number; blocks: number; kernel: 3 | 5; stride: 1 | 2 };

const stemChannels = 32;
/** Channels of the grid. */
export const gridChannels = 1280;

/**
 * A trunk of inverted residuals (Sandler et al. 2018) with ReLU6, BatchNorm folded into the convolutions and
 * TensorFlow's SAME padding:
 * pixels [B,3,S,S] → [B,1280,S/32,S/32], S a multiple of 32. `key('blocks.3.expand')` is the stem of a convolution's
 * keys.
 * A block whose expansion is 1 has no `expand`. @throws weights-invalid
 */
export function invertedResiduals(
  layers: Layers,
  pixels: Value,
  stages: readonly Stage[],
  key: (part: string) => string,
): Value {
  let x = convolution(layers, pixels, key('stem'), { in: 3, out: stemChannels, kernel: 3, stride: 2, clip: true });
  let channels: number = stemChannels;
  let index = 0;
  for (const { expansion, channels: out, blocks, kernel, stride: firstStride } of stages)
    for (let repeat = 0; repeat < blocks; repeat++) {
      const block = key(`blocks.${index++}`);
      const stride = repeat === 0 ? firstStride : 1;
      const hidden = channels * expansion;
      let y = x;
      if (expansion > 1)
        y = convolution(layers, y, `${block}.expand`, { in: channels, out: hidden, kernel: 1, stride: 1, clip: true });
      y = convolution(layers, y, `${block}.depthwise`, {
        in: hidden,
        out: hidden,
        kernel,
        stride,
        depthwise: true,
        clip: true,
      });
      y = convolution(layers, y, `${block}.project`, { in: hidden, out, kernel: 1, stride: 1 });
      x = stride === 1 && channels === out ? layers.add(x, y) : y;
      channels = out;
    }
  return convolution(layers, x, key('head'), { in: channels, out: gridChannels, kernel: 1, stride: 1, clip: true });
}

type Convolution = { in: number; out: number; kernel: 1 | 3 | 5; stride: 1 | 2; depthwise?: boolean; clip?: boolean };

/**
 * A convolution with SAME padding and, with `clip`, ReLU6. At stride 2 an even size is padded by one more after its end
 * than before its start.
 */
function convolution(layers: Layers, x: Value, key: string, shape: Convolution): Value {
  const { graph } = layers;
  const { kernel, stride } = shape;
  const all = kernel - stride; // on even sizes
  const before = Math.floor(all / 2);
  const weight = layers.parameter(`${key}.weight`, [shape.out, shape.depthwise ? 1 : shape.in, kernel, kernel]);
  const y = graph.node('Conv', [x, weight, layers.parameter(`${key}.bias`, [shape.out])], {
    attributes: {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [before, before, all - before, all - before],
      group: shape.depthwise ? shape.in : 1,
    },
  });
  return shape.clip ? graph.node('Clip', [y, layers.scalar(0), layers.scalar(6)]) : y;
}
