import { type Settings, sizes } from '../../graphs/settings';
import type { Network } from '../../graphs/spec';
import { imageTower, textTower } from '../../graphs/towers';
import { buildAttentionalPooler } from '../../networks/attentional-pooler';
import { buildCocaCross, buildCocaDecoder } from '../../networks/coca';
import { buildCocaImageTower } from '../../networks/coca-image-tower';
import * as keys from '../../networks/open-clip-keys';
import { buildTextTower } from '../../networks/text-tower';
import { cross, decoder, decoderMap, pooler } from './networks';

const poolerOf = (settings: Settings) =>
  keys.openClipPooler(sizes(settings, 'channels', 'width', 'queries', 'heads', 'tokens'));
const decoderOf = (settings: Settings) =>
  keys.openClipCoca(
    sizes(settings, 'width', 'layers', 'crossLayers', 'heads', 'vocabulary', 'positions', 'imageTokens'),
  );

/** The networks of CoCa as open_clip publishes it; a base model's towers are those of a space. */
export const openClipCocaNetworks = {
  'open-clip-coca-image': {
    ...imageTower,
    build: (weights, options, settings) =>
      buildCocaImageTower(
        keys.openClipCocaImage({
          ...sizes(settings, 'size', 'patch', 'width', 'layers', 'heads', 'queries', 'poolerHeads', 'poolerWidth'),
          ...(settings.dim === undefined ? {} : sizes(settings, 'dim')),
        }),
        weights,
        options,
      ),
  },
  'open-clip-coca-text': {
    ...textTower,
    build: (weights, options, settings) =>
      buildTextTower(
        keys.openClipCocaText(sizes(settings, 'width', 'layers', 'heads', 'vocabulary', 'positions', 'dim')),
        keys.openClipWithClassToken(weights),
        options,
      ),
  },
  // All queries but the first, which is the contrastive one.
  'open-clip-coca-pooler': {
    ...pooler,
    build: (weights, options, settings) => {
      const config = poolerOf(settings);
      return buildAttentionalPooler({ ...config, rows: { start: 1, count: config.queries - 1 } }, weights, options);
    },
  },
  'open-clip-coca-pooler-map': {
    ...pooler,
    build: (weights, options, settings) =>
      buildAttentionalPooler(poolerOf(settings), weights, options, { attentionMap: true }),
  },
  'open-clip-coca-cross': {
    ...cross,
    build: (weights, options, settings) => buildCocaCross(decoderOf(settings), weights, options),
  },
  'open-clip-coca-decoder': {
    ...decoder,
    build: (weights, options, settings) => buildCocaDecoder(decoderOf(settings), weights, options),
  },
  'open-clip-coca-decoder-map': {
    ...decoderMap,
    build: (weights, options, settings) =>
      buildCocaDecoder(decoderOf(settings), weights, options, { attentionMap: true }),
  },
} satisfies Record<string, Network>;
