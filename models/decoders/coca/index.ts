import { StudioError } from '../../errors';
import type { Tensor } from '../../runtime/types';
import type { Found } from '../../search/types';
import type { Grid } from '../../spaces/space';
import { jointRerankOption, rankable, ranked, search, searchOptions, stepModel, viewOptions } from '../prefix';
import { searchPresets } from '../presets';
import { modeOption, publishedMode } from '../published';
import type { Decoder, DecoderContext } from '../types';
import { attentionInsight, attentionMaps } from './attention';
import { contrastCosines } from './contrast';
import { cocaGraphs } from './graphs';
import { cocaModes } from './modes';
import { pocketCocaNetworks } from './networks';
import { openClipCocaNetworks } from './open-clip-networks';
import { cocaWords } from './words';

const { image, pooler, cross, decoder, contrast, text, poolerMap, decoderMap } = cocaGraphs;

/** CoCa (arXiv 2205.01917): the caption pooler's image tokens, cross-attended by the upper half of a text decoder. */
export const coca: Decoder = {
  ...cocaWords,
  needsGrid: true,
  graphs: [image, pooler, cross, decoder, contrast, text],
  insightGraphs: [poolerMap, decoderMap],
  imageTower: image,
  networks: { ...pocketCocaNetworks, ...openClipCocaNetworks },
  modes: cocaModes,
  presets: [
    {
      name: "CoCa's own beam",
      help: 'open_clip’s generate defaults: six beams, at least five tokens.',
      options: { search: 'beam', beam: 6, minTokens: 5, maxTokens: 30, rerank: 0, jointRerank: 0 },
    },
    ...searchPresets,
  ],
  options: [
    ...searchOptions,
    {
      kind: 'number',
      name: 'rerank',
      title: 'Rank captions by its own contrast',
      basic: true,
      help: "Say of CoCa's own contrastive half when the finished captions are ranked: its cosine of photo and caption, times this, is added to each score; 0 leaves the order of the search.",
      default: 0,
      min: 0,
      max: 50,
      when: [{ search: [...rankable, 'guided-beam'] }],
    },
    jointRerankOption,
    modeOption(cocaModes),
    ...viewOptions,
  ],
  async *run({ grid }, options, context) {
    if (!grid)
      throw new StudioError(
        'needs-image',
        'CoCa reads image tokens, and a bare embedding has none. Give it the photo, or choose another decoder.',
      );
    const { family, lane } = context;
    const start = performance.now();
    const constants = await crossTensors(grid, context, 'pool');
    try {
      yield { type: 'stage', lane, stage: 'pool', ms: performance.now() - start };
      const found = yield* search(
        await stepModel(decoder, { ids: [family.languageModel(context.decoder).bos], constants }, context),
        options,
        context,
      );
      const weight = publishedMode(cocaModes, options) ? 0 : Number(options.rerank);
      return ranked(await reranked(found, grid, weight, context), options, context);
    } finally {
      for (const tensor of Object.values(constants)) tensor.dispose();
    }
  },
  async *explain({ tokens }, { grid }, options, context) {
    if (options.insight !== true || !grid || !tokens.length) return;
    const constants = await crossTensors(grid, context, 'insight');
    try {
      yield attentionInsight(context.lane, tokens, await attentionMaps(grid, tokens, constants, context));
    } finally {
      for (const tensor of Object.values(constants)) tensor.dispose();
    }
  },
};

/** The captions with weight × cosine of the contrastive half added to their scores, best first. */
async function reranked(found: Found[], grid: Grid, weight: number, context: DecoderContext): Promise<Found[]> {
  if (!weight || found.length < 2) return found;
  const cosines = await contrastCosines(
    grid,
    found.map(({ tokens }) => tokens),
    context,
  );
  return found.map((one, i) => ({ ...one, score: one.score + weight * cosines[i]! })).sort((a, b) => b.score - a.score);
}

/** Keys and values of every cross-attention to one photo; the caller disposes them. */
export async function crossTensors(
  grid: Grid,
  { family, device }: Pick<DecoderContext, 'family' | 'device'>,
  stage: string,
): Promise<Record<string, Tensor>> {
  const runner = device.at(stage);
  const [pooling, crossing] = await Promise.all([family.session(pooler), family.session(cross)]);
  const input = family.runtime.tensor('float32', grid.values, [1, grid.tokens, grid.channels]);
  try {
    const pooled = await runner.run(pooling, { grid: input });
    try {
      return await runner.run(crossing, { image_tokens: pooled.tokens! });
    } finally {
      for (const tensor of Object.values(pooled)) tensor.dispose();
    }
  } finally {
    input.dispose();
  }
}
