import { languageModelCache, type Network, noCache } from '../../graphs/spec';
import { languageModelOf } from '../../manifest';
import { buildAttentionalPooler } from '../../networks/attentional-pooler';
import { buildCocaCross, buildCocaDecoder } from '../../networks/coca';
import { pocketCoca, pocketCocaText, pocketPooler, pocketWithClassToken } from '../../networks/pocket-keys';
import { buildTextTower } from '../../networks/text-tower';

/** Runs once a photo, and is small. */
export const pooler = { fallback: 'cpu', precision: 'exact' } as const;
/** Keys and values of the cross-attentions, once a photo; their heads and width are the decoder's. */
export const cross = { fallback: 'none', precision: 'exact', cache: noCache } as const;
export const decoder = { fallback: 'none', precision: 'family', cache: languageModelCache } as const;
/** The decoder telling what it attends to; run once over a finished caption. */
export const decoderMap = { ...decoder, fallback: 'cpu' } as const;

/** The networks of CoCa as the studio trained it (docs/pocket-layout.md). */
export const pocketCocaNetworks = {
  'pocket-pooler': {
    ...pooler,
    build: (weights, options) => buildAttentionalPooler(pocketPooler('caption'), weights, options),
  },
  'pocket-pooler-map': {
    ...pooler,
    build: (weights, options) =>
      buildAttentionalPooler(pocketPooler('caption'), weights, options, { attentionMap: true }),
  },
  'pocket-coca-cross': {
    ...cross,
    build: (weights, options) => buildCocaCross(pocketCoca(), weights, options),
  },
  'pocket-coca-decoder': {
    ...decoder,
    build: (weights, options) => buildCocaDecoder(pocketCoca(), weights, options),
  },
  'pocket-coca-decoder-map': {
    ...decoderMap,
    build: (weights, options) => buildCocaDecoder(pocketCoca(), weights, options, { attentionMap: true }),
  },
  // The contrastive half: latents of a photo and of texts. The text's is that of the lower blocks, pooled at the class
  // token, whose id is the first after the vocabulary.
  'pocket-pooler-contrast': {
    ...pooler,
    build: (weights, options) => buildAttentionalPooler(pocketPooler('contrast'), weights, options),
  },
  'pocket-coca-text': {
    ...pooler,
    cache: (manifest, name) => {
      const whole = languageModelOf(manifest, name);
      return { ...whole, layers: whole.layers / 2 };
    },
    pooled: (manifest, name) => languageModelOf(manifest, name).vocabulary,
    build: (weights, options) => buildTextTower(pocketCocaText(), pocketWithClassToken(weights), options),
  },
} satisfies Record<string, Network>;
