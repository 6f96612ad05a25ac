import { buildAttentionalPooler } from '../networks/attentional-pooler';
import { buildCocaCross, buildCocaDecoder } from '../networks/coca';
import { buildCocaImageTower } from '../networks/coca-image-tower';
import * as keys from '../networks/open-clip-keys';
import { buildTextTower } from '../networks/text-tower';
import type { Builder } from './builders';
import { sizes, type Settings } from './settings';

const pooler = (settings: Settings) =>
  keys.openClipPooler(sizes(settings, 'channels', 'width', 'queries', 'heads', 'tokens'));
const decoder = (settings: Settings) =>
  keys.openClipCoca(
    sizes(settings, 'width', 'layers', 'crossLayers', 'heads', 'vocabulary', 'positions', 'imageTokens'),
  );

/** The networks of CoCa as open_clip publishes it. */
export const openClipCocaNetworks: Record<string, Builder> = {
  'open-clip-coca-image': (weights, options, settings) =>
    buildCocaImageTower(
      keys.openClipCocaImage({
        ...sizes(settings, 'size', 'patch', 'width', 'layers', 'heads', 'queries', 'poolerHeads', 'poolerWidth'),
        ...(settings.dim === undefined ? {} : sizes(settings, 'dim')),
      }),
      weights,
      options,
    ),
  'open-clip-coca-text': (weights, options, settings) =>
    buildTextTower(
      keys.openClipCocaText(sizes(settings, 'width', 'layers', 'heads', 'vocabulary', 'positions', 'dim')),
      keys.openClipWithClassToken(weights),
      options,
    ),
  // All queries but the first, which is the contrastive one.
  'open-clip-coca-pooler': (weights, options, settings) => {
    const config = pooler(settings);
    return buildAttentionalPooler({ ...config, rows: { start: 1, count: config.queries - 1 } }, weights, options);
  },
  'open-clip-coca-pooler-map': (weights, options, settings) =>
    buildAttentionalPooler(pooler(settings), weights, options, { attentionMap: true }),
  'open-clip-coca-cross': (weights, options, settings) => buildCocaCross(decoder(settings), weights, options),
  'open-clip-coca-decoder': (weights, options, settings) => buildCocaDecoder(decoder(settings), weights, options),
  'open-clip-coca-decoder-map': (weights, options, settings) =>
    buildCocaDecoder(decoder(settings), weights, options, { attentionMap: true }),
};
