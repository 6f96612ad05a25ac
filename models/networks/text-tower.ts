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
 * Inputs  input_ids int64 [B,S] · position_ids int64 [S] · attention_bias float32 [1,1,S,L+S] (added to the scores:
 *   which of the past and of the new each new token sees) · told_tokens int64 [R] (places of the pooled tokens among
 *   the B·S new ones, row by row) · beam_index int64 [B] · past_key.{l} / past_value.{l} [B0,H,L,Dh].
 * Outputs embedding float32 [R,dim] (raw) · present_key.{l} / present_value.{l} [B,H,L+S,Dh].
 * Several new tokens after a past work at any batch. @throws weights-invalid
 */
export function buildTextTower(config: TextTowerConfig, weights: WeightMap, options: GraphOptions): Uint8Array {
  const { width, keys, epsilon } = config;
  const graph = new Graph('text-tower');
  const layers = new Layers(graph, weights, options);
  const ids = graph.input('input_ids', 'int64', ['batch', 'new']);
  const told = graph.input('told_tokens', 'int64', ['told']);
  const inOrder = graph.input('position_ids', 'int64', ['new']);
  const positions = config.classToken
    ? graph.node('Where', [
        graph.node('Equal', [ids, graph.int(config.vocabulary - 1)]),
        graph.int(config.classToken.position),
        inOrder,
      ])
    : inOrder;
  const bias = config.classToken
    ? graph.input('attention_mask', 'float32', ['batch', 1, 'new', 'total'])
    : graph.input('attention_bias', 'float32', [1, 1, 'new', 'total']);
  const tokens = layers.lookup(layers.table(keys.tokenEmbedding, config.vocabulary, width), ids);
  const x = layers.add(tokens, layers.positions(keys.positionEmbedding, config.positions, width, positions));
  // WebGPU's fused operator answers wrongly of many new tokens in one row on a software adapter.
  const operator = options.device === 'webgpu' ? 'plain' : 'multi-head';
  const attention = new CachedAttention(layers, width, config.heads, operator, layers.toActivations(bias));
  const steps = Array.from({ length: config.layers }, (_, layer) => gptBlock(layers, config, layer, attention)).flat();
  const hidden = residualStack(layers, x, steps, width, epsilon);

  const rows = graph.node('Reshape', [hidden, graph.ints(-1, width)]);
  const pooled = graph.node('Gather', [rows, told], { attributes: { axis: 0 } });
  const embedding = layers.linear(
    layers.layerNorm(pooled, keys.finalNorm, width, epsilon),
    keys.projection,
    width,
    config.dim,
  );
  graph.output('embedding', 'float32', ['told', config.dim], layers.toFloat32(embedding));
  return graph.encode();
}
