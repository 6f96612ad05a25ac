import { Graph } from '../onnx/graph';
import { CachedAttention } from './attention';
import { gptBlock } from './gpt';
import { Layers, type LinearKeys } from './layers';
import { residualStack } from './transformer';
import type { GptConfig, GptKeys, GraphOptions, WeightMap } from './types';

export type TextTowerConfig = Omit<GptConfig, 'keys'> & {
  /** Width of the embedding. */
  dim: number;
  /**
   * open_clip's CoCa: a class token is pooled instead of the end token. Its id is the last of the vocabulary, its
   * position fixed however short the text is, and the input `attention_mask` float32 [B,1,S,T] stands in place of the
   * causal mask (models/spaces/padding-mask.ts).
   */
  classToken?: { position: number };
  keys: GptKeys & { projection: LinearKeys };
};

/**
 * A causal text transformer pooled at the end token (CLIP's text tower). Because attention is causal, a text's
 * embedding does not
 * depend on what follows its end token, and texts with a common beginning can share its cache.
 *
 * Inputs  input_ids int64 [B,S] · end_index int64 [B] (the pooled token of each row among its S new ones) ·
 *   position_offset int64 [1] (= L, tokens in the past) · beam_index int64 [B] · past_key.{l} / past_value.{l}
 * [B0,H,L,Dh].
 * Outputs embedding float32 [B,dim] (raw) · present_key.{l} / present_value.{l} [B,H,L+S,Dh].
 * Several new tokens after a past work at any batch. @throws weights-invalid
 */
export function buildTextTower(config: TextTowerConfig, weights: WeightMap, options: GraphOptions): Uint8Array {
  const { width, keys, epsilon } = config;
  const graph = new Graph('text-tower');
  const layers = new Layers(graph, weights, options);
  const ids = graph.input('input_ids', 'int64', ['batch', 'new']);
  const end = graph.input('end_index', 'int64', ['batch']);
  const offset = graph.input('position_offset', 'int64', [1]);
  const size = (axis: number) =>
    graph.node('Squeeze', [graph.node('Shape', [ids], { attributes: { start: axis, end: axis + 1 } }), graph.ints(0)]);
  const range = (length: string) => graph.node('Range', [graph.int(0), length, graph.int(1)]);
  const [batch, length] = [size(0), size(1)];

  const inOrder = graph.node('Add', [range(length), offset]);
  const positions = config.classToken
    ? graph.node('Where', [
        graph.node('Equal', [ids, graph.int(config.vocabulary - 1)]),
        graph.int(config.classToken.position),
        inOrder,
      ])
    : inOrder;
  const mask = config.classToken
    ? layers.toActivations(graph.input('attention_mask', 'float32', ['batch', 1, 'new', 'total']))
    : undefined;
  const tokens = layers.lookup(layers.table(keys.tokenEmbedding, config.vocabulary, width), ids);
  const x = layers.add(tokens, layers.positions(keys.positionEmbedding, config.positions, width, positions));
  const attention = new CachedAttention(layers, width, config.heads, 'multi-head');
  const steps = Array.from({ length: config.layers }, (_, layer) =>
    gptBlock(layers, config, layer, attention, mask),
  ).flat();
  const hidden = residualStack(layers, x, steps, width, epsilon);

  const rows = graph.node('Reshape', [hidden, graph.ints(-1, width)]);
  const pooled = graph.node('Gather', [rows, graph.node('Add', [graph.node('Mul', [range(batch), length]), end])], {
    attributes: { axis: 0 },
  });
  const embedding = layers.linear(
    layers.layerNorm(pooled, keys.finalNorm, width, epsilon),
    keys.projection,
    width,
    config.dim,
  );
  graph.output('embedding', 'float32', ['batch', config.dim], layers.toFloat32(embedding));
  return graph.encode();
}
