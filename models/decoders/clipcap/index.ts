import { expectWords, prefixInsight } from '../nearest-words';
import {
  accepted,
  mapToPrefix,
  ranked,
  jointRerankOption,
  search,
  searchOptions,
  stepModel,
  viewOptions,
} from '../prefix';
import { prefixGraphs } from '../prefix-graphs';
import { searchPresets } from '../presets';
import { modeOption } from '../published';
import type { Decoder } from '../types';
import { clipcapFigures } from './figures';
import { clipcapModes } from './modes';
import { clipcapNetworks } from './networks';
import { clipcapBeamPreset } from './presets';
import { clipcapWords } from './words';

const graphs = prefixGraphs('clipcap');

/**
 * ClipCap (arXiv 2111.09734): the image embedding becomes prefix slots of a language model. Whether it is raw or unit
 * is the weights' own:
 * the published MLP reads raw embeddings, the published transformer and ours unit ones.
 */
export const clipcap: Decoder = {
  ...clipcapWords,
  needsGrid: false,
  graphs: Object.values(graphs),
  networks: clipcapNetworks,
  modes: clipcapModes,
  figures: clipcapFigures,
  options: [...searchOptions, jointRerankOption, modeOption(clipcapModes), ...viewOptions],
  presets: [clipcapBeamPreset, ...searchPresets],
  async *run({ embedding }, options, context) {
    const start = performance.now();
    const prefix = await mapToPrefix(accepted(embedding, context), graphs.mapper, context);
    yield { type: 'stage', lane: context.lane, stage: 'map', ms: performance.now() - start };
    if (options.insight === true) expectWords(graphs.lm, context);
    const found = yield* search(await stepModel(graphs.lm, { prefix, ids: [] }, context), options, context);
    if (options.insight === true) yield await prefixInsight(prefix, graphs.lm, context);
    return ranked(found, options, context);
  },
};
