import type { EventOf } from '../../events';
import { cosine, type Embedding, norm, unit } from '../../spaces/embedding';
import { noise, offset } from '../../spaces/operators';
import { seeded } from '../../random';
import { expectWords, prefixInsight } from '../nearest-words';
import { mapToPrefix, ranked, jointRerankOption, search, searchOptions, stepModel, viewOptions } from '../prefix';
import { prefixGraphs } from '../prefix-graphs';
import { searchPresets } from '../presets';
import { modeOption, publishedMode } from '../published';
import type { OptionValues } from '../option-spec';
import type { Decoder, DecoderContext } from '../types';
import { clipcapNetworks } from '../clipcap/networks';
import { clipcapBeamPreset } from '../clipcap/presets';
import { capdecFigures } from './figures';
import { capdecModes } from './modes';
import { modalityOffset, neededOffset } from './offset';
import { capdecWords } from './words';

const graphs = prefixGraphs('capdec');

/**
 * CapDec (arXiv 2211.00575): ClipCap's network, trained on text embeddings plus noise, reads the image embedding as if
 * it were a
 * noisy text. The modality offset is subtracted on this side only (the other side never saw it), and the result is unit
 * again.
 */
export const capdec: Decoder = {
  ...capdecWords,
  needsGrid: false,
  graphs: Object.values(graphs),
  networks: clipcapNetworks,
  assets: [modalityOffset],
  modes: capdecModes,
  figures: capdecFigures,
  presets: [
    clipcapBeamPreset,
    {
      name: "CapDec's own",
      help: 'DavidHuji/CapDec at inference: ClipCap’s beam, the offset only where it was trained with one.',
      options: { search: 'clipcap-beam', beam: 5, maxTokens: 48, useOffset: false, jointRerank: 0 },
    },
    ...searchPresets,
  ],
  pageDefaults: { noisySamples: 3 },
  options: [
    ...searchOptions,
    jointRerankOption,
    modeOption(capdecModes),
    {
      kind: 'boolean',
      name: 'useOffset',
      title: 'Move by the modality offset',
      help: 'Moves an image embedding by the measured mean difference between text and image embeddings.',
      default: false,
    },
    {
      kind: 'number',
      name: 'noiseVariance',
      title: 'Noise',
      basic: true,
      help: 'Noise added to the embedding before decoding: shows how far the decoder tolerates it. 0 is off.',
      default: 0,
      min: 0,
      max: 0.25,
    },
    {
      kind: 'number',
      name: 'noisySamples',
      title: 'Noisy copies',
      help: 'Captions of so many noisy copies of the input, drawn after the caption itself with seed, seed + 1, …',
      default: 0,
      min: 0,
      max: 8,
      integer: true,
    },
    {
      kind: 'number',
      name: 'sampleVariance',
      title: 'Noise of the copies',
      help: 'Variance of the noise of those copies; 0 takes the variance of the training.',
      default: 0,
      min: 0,
      max: 0.25,
      when: [{ noisySamples: 'above 0' }],
    },
    ...viewOptions,
  ],
  async *run({ embedding }, options, context) {
    const start = performance.now();
    const { lane, family } = context;
    const clean = unit(embedding);
    const offsetUsed = options.useOffset === true && embedding.modality === 'image';
    // Published weights come without a measured offset unless its file was imported with them.
    const by = offsetUsed ? await neededOffset(family) : await family.asset(modalityOffset);
    const variance = Number(options.noiseVariance);
    let input = offsetUsed && by ? offset(clean, by, -1) : clean;
    if (!publishedMode(capdecModes, options)) input = unit(input);
    if (variance > 0) input = noise(input, variance, seeded(Number(options.seed)));
    const trained = trainedVariance(context);
    yield {
      type: 'insight',
      lane,
      insight: {
        kind: 'modality',
        noiseVariance: variance,
        ...(trained === undefined ? {} : { trainedVariance: trained }),
        offsetNorm: by ? norm(by) : 0,
        offsetUsed,
        moved: cosine(clean, input),
      },
    };
    const prefix = await mapToPrefix(input, graphs.mapper, context);
    yield { type: 'stage', lane, stage: 'map', ms: performance.now() - start };
    if (options.insight === true) expectWords(graphs.lm, context);
    const found = yield* search(await stepModel(graphs.lm, { prefix, ids: [] }, context), options, context);
    if (options.insight === true) yield await prefixInsight(prefix, graphs.lm, context);
    return ranked(found, options, context);
  },
  async *explain(_best, { embedding }, options, context) {
    if (!Number(options.noisySamples)) return;
    const clean = unit(embedding);
    const input =
      options.useOffset === true && embedding.modality === 'image'
        ? unit(offset(clean, await neededOffset(context.family), -1))
        : clean;
    yield await noisySamples(input, options, context);
  },
};

/** The lane's own search again on noisy copies of its input; each is drawn from a seed that is told. */
async function noisySamples(
  input: Embedding,
  options: OptionValues,
  context: DecoderContext,
): Promise<EventOf<'insight'>> {
  const variance = Number(options.sampleVariance) || trainedVariance(context) || 0.01;
  const first = Number(options.seed);
  const samples = [];
  for (let n = 0; n < Number(options.noisySamples); n++) {
    const seed = first + n;
    const noisy = noise(input, variance, seeded(seed));
    const prefix = await mapToPrefix(noisy, graphs.mapper, context);
    const walk = search(
      await stepModel(graphs.lm, { prefix, ids: [] }, context),
      { ...options, samples: 1, seed },
      context,
    );
    let next = await walk.next();
    while (!next.done) next = await walk.next();
    const caption = next.value[0]?.caption ?? '';
    const [similarity = 0] = caption ? await context.scorer.score([caption]) : [];
    samples.push({ seed, moved: cosine(input, noisy), caption, similarity });
  }
  return { type: 'insight', lane: context.lane, insight: { kind: 'noisy-samples', variance, seed: first, samples } };
}

/** Variance of the noise that CapDec was trained with, where the family tells it. */
function trainedVariance({ family, decoder }: DecoderContext): number | undefined {
  const told = family.manifest.decoders[decoder]?.noiseVariance;
  return typeof told === 'number' ? told : undefined;
}
