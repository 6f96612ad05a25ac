import { sizes } from '../../graphs/settings';
import type { Network } from '../../graphs/spec';
import { buildMlpMapper } from '../../networks/mlp-mapper';
import { pocketMlpMapper } from '../../networks/pocket-keys';
import { clipcapMlpMapper, clipcapTransformerMapper } from '../../networks/published-keys';
import { buildTransformerMapper } from '../../networks/transformer-mapper';
import { mapper } from '../prefix-graphs';

/** Mappers of one embedding to a prefix: an MLP, and a transformer over a spread of it and learned slots. */
export const clipcapNetworks = {
  'pocket-mlp-mapper': {
    ...mapper,
    build: (weights, options) => buildMlpMapper(pocketMlpMapper(), weights, options),
  },
  'clipcap-mlp': {
    ...mapper,
    build: (weights, options, settings) =>
      buildMlpMapper(clipcapMlpMapper(sizes(settings, 'dim', 'prefix', 'width')), weights, options),
  },
  'clipcap-transformer': {
    ...mapper,
    fallback: 'cpu',
    build: (weights, options, settings) =>
      buildTransformerMapper(
        clipcapTransformerMapper(sizes(settings, 'dim', 'spread', 'prefix', 'width', 'layers')),
        weights,
        options,
      ),
  },
} satisfies Record<string, Network>;
