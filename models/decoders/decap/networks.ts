import { sizes } from '../../graphs/settings';
import type { Network } from '../../graphs/spec';
import { buildMlpMapper } from '../../networks/mlp-mapper';
import { pocketLinearMapper } from '../../networks/pocket-keys';
import { decapMapper } from '../../networks/published-keys';
import { mapper } from '../prefix-graphs';

/** One linear layer, one slot. */
export const decapNetworks = {
  'pocket-linear-mapper': {
    ...mapper,
    build: (weights, options) => buildMlpMapper(pocketLinearMapper(), weights, options),
  },
  'decap-linear': {
    ...mapper,
    build: (weights, options, settings) =>
      buildMlpMapper(decapMapper(sizes(settings, 'dim', 'width')), weights, options),
  },
} satisfies Record<string, Network>;
