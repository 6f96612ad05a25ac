import { unit } from '../../spaces/embedding';
import { noise, offset } from '../../spaces/operators';
import { seeded } from '../../random';
import { isGuided, mapToPrefix, search, searchOptions, stepModel } from '../prefix';
import type { Decoder } from '../types';

/**
 * CapDec (arXiv 2211.00575): ClipCap's network, trained on text embeddings plus noise, reads the image embedding as if it were a
 * noisy text. The modality offset is subtracted on this side only (the other side never saw it), and the result is unit again.
 */
export const capdec: Decoder = {
  name: 'capdec',
  title: 'CapDec',
  idea: "ClipCap's network, trained on text embeddings plus noise only, takes the image embedding for a noisy text.",
  trainedOn: 'captions only',
  accepts: 'any embedding of the space, made unit',
  needsGrid: false,
  graphs: ['capdec.mapper', 'capdec.lm'],
  options: [
    ...searchOptions,
    { kind: 'boolean', name: 'useOffset', help: 'Moves an image embedding by the measured mean difference between text and image embeddings.', default: false },
    { kind: 'number', name: 'noiseVariance', help: 'Noise added to the embedding before decoding: shows how far the decoder tolerates it. 0 is off.', default: 0, min: 0, max: 0.25 },
  ],
  async *run({ embedding }, options, context) {
    const start = performance.now();
    let input = unit(embedding);
    if (options.useOffset === true && embedding.modality === 'image') input = unit(offset(input, await context.family.modalityOffset(), -1));
    if (Number(options.noiseVariance) > 0) input = noise(input, Number(options.noiseVariance), seeded(Number(options.seed)));
    const prefix = await mapToPrefix(input, 'capdec.mapper', context);
    yield { type: 'stage', lane: context.lane, stage: 'map', ms: performance.now() - start };
    const found = yield* search(await stepModel('capdec.lm', { prefix, ids: [] }, context), options, context);
    return { found, optimised: isGuided(options.search) };
  },
};
