import { unit } from '../../spaces/embedding';
import { projectOntoMemory } from '../../spaces/operators';
import { isGuided, mapToPrefix, search, searchOptions, stepModel } from '../prefix';
import type { Decoder } from '../types';

/** DeCap (arXiv 2303.03032): the image embedding is projected onto a memory of text embeddings, and a text decoder reads the result. */
export const decap: Decoder = {
  name: 'decap',
  title: 'DeCap',
  idea: 'The image embedding is replaced by a weighted mean of the text embeddings nearest to it, which a text decoder then reads.',
  trainedOn: 'captions only',
  accepts: 'any embedding of the space, made unit',
  needsGrid: false,
  graphs: ['decap.mapper', 'decap.lm'],
  options: [
    ...searchOptions,
    { kind: 'boolean', name: 'project', help: 'Projects the embedding onto the text memory; without it the decoder reads the image embedding as it is.', default: true },
    { kind: 'number', name: 'tau', help: 'Temperature of the projection: small follows the nearest sentence, large averages many.', default: 0.04, min: 0.001, max: 1 },
    { kind: 'number', name: 'memoryRows', help: 'Rows of the memory that are used; 0 is all.', default: 0, min: 0, max: 1_000_000, integer: true },
  ],
  async *run({ embedding }, options, context) {
    const start = performance.now();
    let input = unit(embedding);
    if (options.project === true) {
      const memory = await context.family.memory();
      const rows = Math.min(Number(options.memoryRows) || memory.rows, memory.rows);
      input = projectOntoMemory(input, memory.embeddings, Number(options.tau), rows).embedding;
      yield { type: 'stage', lane: context.lane, stage: 'project', ms: performance.now() - start };
    }
    const prefix = await mapToPrefix(input, 'decap.mapper', context);
    const found = yield* search(await stepModel('decap.lm', { prefix, ids: [] }, context), options, context);
    return { found, optimised: isGuided(options.search) };
  },
};
