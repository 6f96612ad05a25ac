import { cocaGraphs } from '../../decoders/coca/graphs';
import type { openClipCocaNetworks } from '../../decoders/coca/open-clip-networks';
import type { Manifest } from '../../manifest';
import { clipPhotos } from './clip-photos';
import type { CocaSizes } from './coca-shapes';

/** Places that captions are learned in: the text half's context, the class token left out. */
export const captionPositions = (positions: number) => positions - 1;

/** Keys of the files that hold `visual.*`, `text.*` and `text_decoder.*`. */
export type CocaFiles = { image: string; text: string; decoder: string };
type Graphs = Manifest['graphs'];
type CocaNetwork = keyof typeof openClipCocaNetworks;

const imageSettings = ({ image, pooler, text }: CocaSizes) => ({
  ...image,
  queries: pooler.queries,
  poolerHeads: pooler.heads,
  poolerWidth: text.width,
});

/** The joint space that the contrastive half is. */
export function cocaSpace(name: string, sizes: CocaSizes, tokenizer: string): Manifest['space'] {
  const { vocabulary, positions, text, start, stop } = sizes;
  return {
    name,
    dim: text.width,
    image: clipPhotos(sizes.image.size),
    text: {
      context: positions - 1,
      bos: start,
      eos: stop,
      classToken: vocabulary,
      tokenizer,
      cleaning: 'openai',
      tower: text,
    },
  };
}

/** The graphs of that space. */
export function cocaSpaceGraphs(sizes: CocaSizes, files: CocaFiles): Graphs {
  const { text, vocabulary, positions } = sizes;
  return {
    'image-tower': {
      network: 'open-clip-coca-image',
      files: [files.image],
      settings: { ...imageSettings(sizes), dim: text.width },
    },
    'text-tower': {
      network: 'open-clip-coca-text',
      files: [files.text],
      settings: { ...text, vocabulary, positions, dim: text.width },
    },
  };
}

/** The graphs that caption; `ownTower`: with the image tower, where the space's is another. */
export function cocaDecoderGraphs(sizes: CocaSizes, files: CocaFiles, ownTower: boolean): Graphs {
  const { image, pooler, text, vocabulary, positions } = sizes;
  const queries = {
    tokens: (image.size / image.patch) ** 2 + 1,
    channels: image.width,
    width: text.width,
    queries: pooler.queries,
    heads: pooler.heads,
  };
  const decoder = { ...text, crossLayers: text.layers, vocabulary, positions, imageTokens: pooler.queries - 1 };
  const words = [files.text, files.decoder];
  const graph = (network: CocaNetwork, from: string[], settings: Record<string, number>) => ({
    network,
    files: from,
    settings,
  });
  return {
    ...(ownTower ? { [cocaGraphs.image]: graph('open-clip-coca-image', [files.image], imageSettings(sizes)) } : {}),
    [cocaGraphs.pooler]: graph('open-clip-coca-pooler', [files.image], queries),
    [cocaGraphs.cross]: graph('open-clip-coca-cross', [files.decoder], decoder),
    [cocaGraphs.decoder]: graph('open-clip-coca-decoder', words, decoder),
    [cocaGraphs.poolerMap]: graph('open-clip-coca-pooler-map', [files.image], queries),
    [cocaGraphs.decoderMap]: graph('open-clip-coca-decoder-map', words, decoder),
  };
}

/** The decoder as the manifest tells of it. */
export function cocaDecoder(
  sizes: CocaSizes,
  told: { tokenizer: string; source: string; refused: string; ownTower: boolean },
): Manifest['decoders'][string] {
  const { text, vocabulary, positions, start, stop } = sizes;
  return {
    input: 'unit',
    begin: [],
    languageModel: {
      layers: 2 * text.layers,
      heads: text.heads,
      width: text.width,
      vocabulary,
      positions: captionPositions(positions),
      bos: start,
      eos: stop,
      tokenizer: told.tokenizer,
    },
    ...(told.ownTower ? { image: clipPhotos(sizes.image.size) } : {}),
    refused: { rerank: told.refused },
    source: told.source,
    defaults: { beam: 5, maxTokens: 29, lengthPenalty: 0.7 },
  };
}
