import { Graph, type Value } from '../onnx/graph';
import { fullAttention } from './attention';
import { Layers, type LinearKeys, type NormKeys } from './layers';
import { mlp, residualStack, selfAttention, type Sublayer } from './transformer';
import type { Activation, GraphOptions, WeightMap } from './types';

export type VitConfig = {
  /** Pixels of a side and of a patch's side. */
  size: number;
  patch: number;
  width: number;
  layers: number;
  heads: number;
  activation: Activation;
  epsilon: number;
  keys: {
    patches: string;
    classToken: string;
    positions: string;
    normBefore: NormKeys;
    block: (layer: number) => {
      ln1: NormKeys;
      qkv: LinearKeys;
      out: LinearKeys;
      ln2: NormKeys;
      fc: LinearKeys;
      proj: LinearKeys;
    };
    /** Norm and projection of the class token; absent where a pooler follows (CoCa). */
    pooled?: { norm: NormKeys; projection: LinearKeys; dim: number };
  };
};

/**
 * A vision transformer in CLIP's layout: bias-free patch convolution, class token first, a norm before the blocks.
 * Input pixels float32 [B,3,size,size]; output embedding float32 [B,dim] (raw), of the class token: in the last block
 * only its row is computed once all have been attended to. Without `pooled` the output is tokens float32
 * [B,1+patches,width] after the last block, class token first. @throws weights-invalid
 */
export function buildVit(config: VitConfig, weights: WeightMap, options: GraphOptions): Uint8Array {
  const { width, epsilon, keys } = config;
  const graph = new Graph('vit');
  const layers = new Layers(graph, weights, options);
  if (!keys.pooled)
    graph.output(
      'tokens',
      'float32',
      ['batch', tokenCount(config), width],
      layers.toFloat32(vitTokens(layers, config)),
    );
  else {
    const { norm, projection, dim } = keys.pooled;
    const first = graph.node('Squeeze', [vitClassToken(layers, config), graph.ints(1)]);
    const embedding = layers.linear(layers.layerNorm(first, norm, width, epsilon), projection, width, dim);
    graph.output('embedding', 'float32', ['batch', dim], layers.toFloat32(embedding));
  }
  return graph.encode();
}

/** The class token and a token for each patch. */
export const tokenCount = ({ size, patch }: Pick<VitConfig, 'size' | 'patch'>): number => (size / patch) ** 2 + 1;

/** Declares the input pixels float32 [B,3,size,size] and gives the tokens after the last block, [B,1+patches,width]. */
export function vitTokens(layers: Layers, config: VitConfig): Value {
  const blocks = Array.from({ length: config.layers }, (_, layer) => vitBlock(layers, config, layer)).flat();
  return residualStack(layers, placedTokens(layers, config), blocks, config.width, config.epsilon);
}

/** The same of the class token alone, [B,1,width]. */
function vitClassToken(layers: Layers, config: VitConfig): Value {
  const { width, epsilon } = config;
  const first = (tokens: Value) =>
    layers.graph.node('Gather', [tokens, layers.graph.ints(0)], { attributes: { axis: 1 } });
  const before = Array.from({ length: config.layers - 1 }, (_, layer) => vitBlock(layers, config, layer)).flat();
  const tokens = residualStack(layers, placedTokens(layers, config), before, width, epsilon);
  const [attention, mlp] = vitBlock(layers, config, config.layers - 1, first);
  const { value, bias } = attention.update(layers.layerNorm(tokens, attention.norm, width, epsilon));
  return residualStack(layers, layers.add(layers.add(first(tokens), value), bias), [mlp], width, epsilon);
}

/** Attention and MLP of a block; `pick`: the rows of what was attended to that go on. */
function vitBlock(
  layers: Layers,
  { width, heads, activation, keys }: VitConfig,
  layer: number,
  pick = (attended: Value) => attended,
): [Sublayer, Sublayer] {
  const { ln1, qkv, out, ln2, fc, proj } = keys.block(layer);
  return [
    selfAttention(layers, { norm: ln1, qkv, out }, width, (x, bias) =>
      pick(fullAttention(layers, x, bias, width, heads)),
    ),
    mlp(layers, { norm: ln2, fc, proj }, width, 4 * width, activation),
  ];
}

/** Declares the pixels and gives what the first block reads: patches and the class token at their places, normed. */
function placedTokens(layers: Layers, { size, patch, width, epsilon, keys }: VitConfig): Value {
  const { graph } = layers;
  const patches = (size / patch) ** 2;
  const pixels = layers.toActivations(graph.input('pixels', 'float32', ['batch', 3, size, size]));
  const kernel = [width, 3, patch, patch] as const;
  const flat = layers.integers ? productOfPatches() : convolution();
  const classRow = graph.node('Reshape', [layers.parameter(keys.classToken, [width]), graph.ints(1, width)]);
  const tokens = graph.node('Concat', [layers.repeatOverBatch(classRow, flat, 1, width), flat], {
    attributes: { axis: 1 },
  });
  const placed = layers.add(tokens, layers.parameter(keys.positions, [patches + 1, width]));
  return layers.layerNorm(placed, keys.normBefore, width, epsilon);

  function convolution(): Value {
    const map = graph.node('Conv', [pixels, layers.parameter(keys.patches, kernel)], {
      attributes: { kernel_shape: [patch, patch], strides: [patch, patch] },
    });
    return graph.node('Transpose', [graph.node('Reshape', [map, graph.ints(0, width, patches)])], {
      attributes: { perm: [0, 2, 1] },
    });
  }

  /** Patches do not overlap, so that each is a row of one product: of integers a tenth of the convolution's time. */
  function productOfPatches(): Value {
    const side = size / patch;
    const cut = graph.node('Reshape', [pixels, graph.ints(0, 3, side, patch, side, patch)]);
    const apart = graph.node('Transpose', [cut], { attributes: { perm: [0, 2, 4, 1, 3, 5] } });
    const rows = graph.node('Reshape', [apart, graph.ints(0, patches, 3 * patch * patch)]);
    return layers.flatProduct(rows, keys.patches, kernel, 3 * patch * patch);
  }
}
