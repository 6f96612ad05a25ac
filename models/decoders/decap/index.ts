import type { Insight } from '../../events';
import { type Embedding, unit } from '../../spaces/embedding';
import { projectOntoMemory } from '../../spaces/operators';
import type { TextMemory } from '../../weights/family';
import { expectWords, prefixInsight } from '../nearest-words';
import { mapToPrefix, ranked, jointRerankOption, search, searchOptions, stepModel, viewOptions } from '../prefix';
import { modeOption, publishedMode } from '../published';
import type { Decoder } from '../types';

/** The authors multiply cosines by 100. */
const publishedTau = 0.01;

/**
 * DeCap (arXiv 2303.03032): the image embedding is projected onto a memory of text embeddings, and a text decoder reads
 * the result.
 */
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
    jointRerankOption,
    modeOption('decap'),
    {
      kind: 'boolean',
      name: 'project',
      help: 'Projects the embedding onto the text memory; without it the decoder reads the image embedding as it is.',
      default: true,
      when: [{ mode: ['studio'] }],
    },
    {
      kind: 'number',
      name: 'tau',
      help: 'Temperature of the projection: small follows the nearest sentence, large averages many.',
      default: 0.04,
      min: 0.001,
      max: 1,
      when: [{ project: [true] }],
    },
    {
      kind: 'number',
      name: 'memoryRows',
      help: 'Rows of the memory that are used; 0 is all.',
      default: 0,
      min: 0,
      max: 1_000_000,
      integer: true,
      when: [{ project: [true] }],
    },
    ...viewOptions,
  ],
  async *run({ embedding }, options, context) {
    const start = performance.now();
    const { lane } = context;
    const published = publishedMode('decap', options) !== undefined;
    let input = unit(embedding);
    if (options.project === true || published) {
      const memory = await context.family.memory();
      const rows = published ? memory.rows : Math.min(Number(options.memoryRows) || memory.rows, memory.rows);
      const { projected, insight } = project(input, memory, published ? publishedTau : Number(options.tau), rows);
      input = projected;
      yield { type: 'stage', lane, stage: 'project', ms: performance.now() - start };
      // Known by then without any work of its own, so it is always told.
      yield { type: 'insight', lane, insight };
    }
    const prefix = await mapToPrefix(input, 'decap.mapper', context);
    // Its weights say the begin token first; the authors let them, ours need not ask.
    const ids = published ? [] : (context.family.manifest.decoders.decap?.begin ?? []);
    if (options.insight === true) expectWords(context);
    const found = yield* search(await stepModel('decap.lm', { prefix, ids }, context), options, context);
    if (options.insight === true) yield await prefixInsight(prefix, context);
    return ranked(found, options, context);
  },
};

function project(
  input: Embedding,
  memory: TextMemory,
  tau: number,
  rows: number,
): { projected: Embedding; insight: Insight } {
  const { embedding, moved, top, effectiveRows } = projectOntoMemory(input, memory.embeddings, tau, rows, {
    repeats: memory.repeats,
  });
  const sentences = top.map(({ row, weight, cosine }) => ({ text: memory.sentences[row]!, weight, cosine }));
  return { projected: embedding, insight: { kind: 'memory', tau, rows, moved, effectiveRows, sentences } };
}
