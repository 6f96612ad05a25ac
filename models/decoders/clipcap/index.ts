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
import { modeOption } from '../published';
import type { Decoder } from '../types';

/**
 * ClipCap (arXiv 2111.09734): the image embedding becomes prefix slots of a language model. Whether it is raw or unit
 * is the weights' own:
 * the published MLP reads raw embeddings, the published transformer and ours unit ones.
 */
export const clipcap: Decoder = {
  name: 'clipcap',
  title: 'ClipCap',
  idea: 'A mapper turns the image embedding into prefix tokens, and a language model goes on from them.',
  trainedOn: 'images and captions',
  accepts: "any embedding of the space, made unit; with ClipCap's published MLP a raw one only",
  needsGrid: false,
  graphs: ['clipcap.mapper', 'clipcap.lm'],
  options: [...searchOptions, jointRerankOption, modeOption('clipcap'), ...viewOptions],
  async *run({ embedding }, options, context) {
    const start = performance.now();
    const prefix = await mapToPrefix(accepted(embedding, context), 'clipcap.mapper', context);
    yield { type: 'stage', lane: context.lane, stage: 'map', ms: performance.now() - start };
    if (options.insight === true) expectWords(context);
    const found = yield* search(await stepModel('clipcap.lm', { prefix, ids: [] }, context), options, context);
    if (options.insight === true) yield await prefixInsight(prefix, context);
    return ranked(found, options, context);
  },
};
