import type { Insight } from '../../events';
import { type Embedding, unit } from '../../spaces/embedding';
import { projectOntoMemory } from '../../spaces/operators';
import { expectWords, prefixInsight } from '../nearest-words';
import { mapToPrefix, ranked, jointRerankOption, search, searchOptions, stepModel, viewOptions } from '../prefix';
import { prefixGraphs } from '../prefix-graphs';
import { searchPresets } from '../presets';
import { modeOption, publishedMode } from '../published';
import type { Decoder } from '../types';
import { decapFigures } from './figures';
import { memoryFiles, type TextMemory, textMemory } from './memory';
import { decapModes } from './modes';
import { decapNetworks } from './networks';
import { decapWords } from './words';

const graphs = prefixGraphs('decap');

/** The authors multiply cosines by 100. */
const publishedTau = 0.01;

/**
 * DeCap (arXiv 2303.03032): the image embedding is projected onto a memory of text embeddings, and a text decoder reads
 * the result.
 */
export const decap: Decoder = {
  ...decapWords,
  needsGrid: false,
  graphs: Object.values(graphs),
  networks: decapNetworks,
  assets: [textMemory],
  sentences: memoryFiles.text,
  modes: decapModes,
  figures: decapFigures,
  presets: [
    {
      name: 'DeCap τ=0.01',
      help: 'dhg-wei/DeCap: projection at temperature 1/100, greedy decoding.',
      options: { tau: publishedTau, search: 'greedy' },
    },
    {
      name: 'DeCap without memory',
      help: 'The image embedding as it is: shows what the projection does.',
      options: { project: false },
    },
    ...searchPresets,
  ],
  options: [
    ...searchOptions,
    jointRerankOption,
    modeOption(decapModes),
    {
      kind: 'boolean',
      name: 'project',
      title: 'Read through the text memory',
      help: 'Projects the embedding onto the text memory; without it the decoder reads the image embedding as it is.',
      default: true,
      when: [{ mode: ['studio'] }],
    },
    {
      kind: 'number',
      name: 'tau',
      title: 'Temperature of the memory',
      basic: true,
      help: 'Temperature of the projection: small follows the nearest sentence, large averages many.',
      default: 0.04,
      min: 0.001,
      max: 1,
      when: [{ project: [true] }],
    },
    {
      kind: 'number',
      name: 'memoryRows',
      title: 'Rows of the memory',
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
    const published = publishedMode(decapModes, options) !== undefined;
    let input = unit(embedding);
    if (options.project === true || published) {
      const memory = await context.family.asset(textMemory);
      const rows = published ? memory.rows : Math.min(Number(options.memoryRows) || memory.rows, memory.rows);
      const { projected, insight } = project(input, memory, published ? publishedTau : Number(options.tau), rows);
      input = projected;
      yield { type: 'stage', lane, stage: 'project', ms: performance.now() - start };
      // Known by then without any work of its own, so it is always told.
      yield { type: 'insight', lane, insight };
    }
    const prefix = await mapToPrefix(input, graphs.mapper, context);
    // Its weights say the begin token first; the authors let them, ours need not ask.
    const ids = published ? [] : (context.family.manifest.decoders[context.decoder]?.begin ?? []);
    if (options.insight === true) expectWords(graphs.lm, context);
    const found = yield* search(await stepModel(graphs.lm, { prefix, ids }, context), options, context);
    if (options.insight === true) yield await prefixInsight(prefix, graphs.lm, context);
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
