import { unit } from '../../spaces/embedding';
import { prefixInsight } from '../nearest-words';
import { isGuided, mapToPrefix, search, searchOptions, stepModel, viewOptions } from '../prefix';
import type { Decoder } from '../types';

/** ClipCap (arXiv 2111.09734): the unit image embedding becomes prefix slots of a fine-tuned language model. */
export const clipcap: Decoder = {
  name: 'clipcap',
  title: 'ClipCap',
  idea: 'A mapper turns the image embedding into prefix tokens, and a language model goes on from them.',
  trainedOn: 'images and captions',
  accepts: 'any embedding of the space, made unit',
  needsGrid: false,
  graphs: ['clipcap.mapper', 'clipcap.lm'],
  options: [...searchOptions, ...viewOptions],
  async *run({ embedding }, options, context) {
    const start = performance.now();
    const prefix = await mapToPrefix(unit(embedding), 'clipcap.mapper', context);
    yield { type: 'stage', lane: context.lane, stage: 'map', ms: performance.now() - start };
    const found = yield* search(await stepModel('clipcap.lm', { prefix, ids: [] }, context), options, context);
    if (options.insight === true) yield await prefixInsight(prefix, context);
    return { found, optimised: isGuided(options.search) };
  },
};
