import { Graph } from '../onnx/graph';
import { type AttentionalPoolerConfig, firstProjected, pool } from './attentional-pooler';
import { Layers } from './layers';
import type { GraphOptions, WeightMap } from './types';
import { tokenCount, type VitConfig, vitTokens } from './vit';

export type CocaImageTowerConfig = {
  vit: VitConfig;
  /** The contrastive pooling, one query; absent where only captions are wanted. */
  pooler?: AttentionalPoolerConfig;
};

/**
 * The image tower of open_clip's CoCa. Input pixels float32 [B,3,size,size]; outputs grid float32 [B,1+patches,width]
 * (the transformer's tokens, class token first, which the caption pooler reads) and, with `pooler`, embedding float32
 * [B,dim] (raw): its query times the projection. @throws weights-invalid
 */
export function buildCocaImageTower(
  config: CocaImageTowerConfig,
  weights: WeightMap,
  options: GraphOptions,
): Uint8Array {
  const { vit, pooler } = config;
  const graph = new Graph('coca-image-tower');
  const layers = new Layers(graph, weights, options);
  const tokens = vitTokens(layers, vit);
  graph.output('grid', 'float32', ['batch', tokenCount(vit), vit.width], layers.toFloat32(tokens));
  if (pooler) {
    const { result } = pool(layers, pooler, tokens);
    graph.output(
      'embedding',
      'float32',
      ['batch', pooler.keys.projection!.dim],
      firstProjected(layers, pooler, result),
    );
  }
  return graph.encode();
}
