import { Graph } from '../onnx/graph';

/**
 * A cache of some of its tokens, on the device where it lies: past_key.{l}, past_value.{l} [1,H,L,Dh] and places int64
 * [n] → present_key.{l}, present_value.{l} [1,H,n,Dh].
 */
export function buildCachePick({ layers, heads, headSize, float }: CacheShape): Uint8Array {
  const graph = new Graph('cache-pick');
  const places = graph.input('places', 'int64', ['kept']);
  for (let layer = 0; layer < layers; layer++)
    for (const part of ['key', 'value']) {
      const past = graph.input(`past_${part}.${layer}`, float, [1, heads, 'past', headSize]);
      const output = `present_${part}.${layer}`;
      graph.node('Gather', [past, places], { attributes: { axis: 2 }, output });
      graph.output(output, float, [1, heads, 'kept', headSize]);
    }
  return graph.encode();
}

export type CacheShape = { layers: number; heads: number; headSize: number; float: 'float32' | 'float16' };
