import { buildGpt } from '../networks/gpt';
import { pocketGpt } from '../networks/pocket-keys';
import { gpt2 } from '../networks/published-keys';
import { sizes } from './settings';
import { languageModelCache, type Network } from './spec';

const stepping = { fallback: 'none', precision: 'family', cache: languageModelCache } as const;

/** Language models that several decoders speak with. */
export const languageModelNetworks: Record<string, Network> = {
  'pocket-gpt': {
    ...stepping,
    tokenTable: 'lm.wte.weight',
    build: (weights, options) => buildGpt(pocketGpt(), weights, options),
  },
  gpt2: {
    ...stepping,
    tokenTable: 'transformer.wte.weight',
    build: (weights, options, settings) =>
      buildGpt(gpt2(sizes(settings, 'width', 'layers', 'heads', 'vocabulary', 'positions')), weights, options),
  },
};
