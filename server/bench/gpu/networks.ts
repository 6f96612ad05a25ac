import { gpt2Shapes, randomWeights } from '../../../models/bench/random-weights';
import { buildAttentionalPooler } from '../../../models/networks/attentional-pooler';
import { buildCocaCross, buildCocaDecoder } from '../../../models/networks/coca';
import { buildCocaImageTower } from '../../../models/networks/coca-image-tower';
import { buildGpt } from '../../../models/networks/gpt';
import { buildMlpMapper } from '../../../models/networks/mlp-mapper';
import * as openClip from '../../../models/networks/open-clip-keys';
import * as published from '../../../models/networks/published-keys';
import { buildTransformerMapper } from '../../../models/networks/transformer-mapper';
import type { GraphOptions, WeightMap } from '../../../models/networks/types';
import { buildVit } from '../../../models/networks/vit';
import { clipShapes } from '../../../models/weights/import/clip';
import { cocaShapes } from '../../../models/weights/import/coca-shapes';

/** All that the bench builds, at the published sizes or tiny. */
export const sizes = {
  full: {
    gpt: published.gpt2Small,
    decap: { ...published.gpt2Small, layers: 4, heads: 4 },
    image: published.clipVitB32,
    mapper: { spread: 40, prefix: 40, layers: 8 },
    coca: openClip.openClipCocaB32,
    memory: 50_000,
  },
  tiny: {
    gpt: { width: 64, layers: 2, heads: 4, vocabulary: 300, positions: 96 },
    decap: { width: 64, layers: 2, heads: 4, vocabulary: 300, positions: 96 },
    image: { size: 32, patch: 16, width: 64, layers: 2, heads: 4, dim: 32 },
    mapper: { spread: 4, prefix: 4, layers: 2 },
    coca: {
      image: { size: 32, patch: 16, width: 64, layers: 2, heads: 4 },
      pooler: { queries: 8, heads: 4 },
      // Another width than the tower's, as the published ones have: their poolers' matrices are apart.
      text: { width: 32, layers: 2, heads: 4 },
      vocabulary: 300,
      positions: 40,
    },
    memory: 50,
  },
} as const;
export type Sizes = (typeof sizes)['full' | 'tiny'];
export type NetworkName =
  | 'gpt'
  | 'decap'
  | 'image'
  | 'mlp'
  | 'transformer'
  | 'linear'
  | 'cocaImage'
  | 'cocaPooler'
  | 'cocaCross'
  | 'cocaDecoder';

/** Weights of every network, random, and the same whenever they are asked for. */
export function weightsOf(all: Sizes): Record<'gpt' | 'decap' | 'image' | 'mappers' | 'coca', WeightMap> {
  return {
    gpt: randomWeights(gpt2Shapes(all.gpt)),
    decap: randomWeights(gpt2Shapes(all.decap)),
    image: randomWeights(clipShapes({ image: all.image, text: { width: 8, layers: 0, heads: 1 }, dim: all.image.dim })),
    mappers: randomWeights(mapperShapes(all)),
    coca: randomWeights(cocaShapes({ ...all.coca, start: 1, stop: 2 })),
  };
}

/** The ONNX model of a network. */
export function build(
  name: NetworkName,
  all: Sizes,
  weights: ReturnType<typeof weightsOf>,
  options: GraphOptions,
): Uint8Array {
  const { coca, mapper, image } = all;
  const { width } = all.gpt;
  const pooler = { channels: coca.image.width, width: coca.text.width, ...coca.pooler };
  const decoder = openClip.openClipCoca({
    ...coca.text,
    crossLayers: coca.text.layers,
    vocabulary: coca.vocabulary,
    positions: coca.positions,
    imageTokens: coca.pooler.queries - 1,
  });
  // The first query is the contrastive one.
  const rows = { start: 1, count: coca.pooler.queries - 1 };
  const builders: Record<NetworkName, () => Uint8Array> = {
    gpt: () => buildGpt(published.gpt2(all.gpt), weights.gpt, options),
    decap: () => buildGpt(published.gpt2(all.decap), weights.decap, options),
    image: () => buildVit(published.clipVit(image), weights.image, options),
    mlp: () =>
      buildMlpMapper(published.clipcapMlpMapper({ dim: image.dim, prefix: 10, width }), weights.mappers, options),
    transformer: () =>
      buildTransformerMapper(
        published.clipcapTransformerMapper({ dim: image.dim, width, ...mapper }),
        weights.mappers,
        options,
      ),
    linear: () => buildMlpMapper(decapMapper(image.dim, all.decap.width), weights.mappers, options),
    cocaImage: () =>
      buildCocaImageTower(
        openClip.openClipCocaImage({
          ...coca.image,
          queries: coca.pooler.queries,
          poolerHeads: coca.pooler.heads,
          poolerWidth: coca.text.width,
        }),
        weights.coca,
        options,
      ),
    cocaPooler: () => buildAttentionalPooler({ ...openClip.openClipPooler(pooler), rows }, weights.coca, options),
    cocaCross: () => buildCocaCross(decoder, weights.coca, options),
    cocaDecoder: () => buildCocaDecoder(decoder, weights.coca, options),
  };
  return builders[name]();
}

/** DeCap's one layer, under a key that ClipCap's mapper does not have. */
const decapMapper = (dim: number, width: number) => ({
  ...published.decapMapper({ dim, width }),
  keys: { fc: { weight: 'decap.weight', bias: 'decap.bias' } },
});

function mapperShapes({ gpt: { width }, image: { dim }, mapper, decap }: Sizes): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const set = (stem: string, out: number, inputs: number) =>
    shapes.set(`${stem}.weight`, [out, inputs]).set(`${stem}.bias`, [out]);
  set('decap', decap.width, dim);
  set('clip_project.model.0', 5 * width, dim);
  set('clip_project.model.2', 10 * width, 5 * width);
  set('clip_project.linear', mapper.spread * width, dim);
  shapes.set('clip_project.prefix_const', [mapper.prefix, width]);
  for (let layer = 0; layer < mapper.layers; layer++) {
    const stem = `clip_project.transformer.layers.${layer}`;
    for (const norm of ['norm1', 'norm2'])
      shapes.set(`${stem}.${norm}.weight`, [width]).set(`${stem}.${norm}.bias`, [width]);
    set(`${stem}.attn.to_queries`, width, width);
    set(`${stem}.attn.to_keys_values`, 2 * width, width);
    set(`${stem}.attn.project`, width, width);
    set(`${stem}.mlp.fc1`, 2 * width, width);
    set(`${stem}.mlp.fc2`, width, 2 * width);
  }
  return shapes;
}
