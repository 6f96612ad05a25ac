import { search, searchOptions, stepModel, viewOptions } from '../prefix';
import { guidedPreset, magicPreset } from '../presets';
import { modeOption, publishedMode } from '../published';
import type { OptionSpec } from '../option-spec';
import type { Decoder } from '../types';
import { magicFigures } from './figures';
import { magicModes } from './modes';
import { rounds, roundsOptions } from './rounds';
import { iterativeWords } from './words';

/** Its language model: any of those that several decoders speak with (models/graphs/language-models.ts). */
const graph = 'lm';

const own: readonly OptionSpec[] = searchOptions.map((spec) => {
  if (spec.name === 'search' && spec.kind === 'choice')
    return { ...spec, default: 'guided-beam', choices: ['guided-beam', 'magic', 'rounds'] };
  return spec;
});

/**
 * Iterative CLIP-guided decoding, untrained: a language model that has never seen the image proposes, the joint
 * embedding scores.
 * `guided-beam` and `magic` decide token by token; `rounds` writes whole captions, keeps the best and varies them.
 */
export const iterative: Decoder = {
  ...iterativeWords,
  needsGrid: false,
  scoresSteps: true,
  graphs: [graph],
  networks: {},
  modes: magicModes,
  figures: magicFigures,
  options: [...own, modeOption(magicModes), ...roundsOptions, ...viewOptions],
  presets: [
    magicPreset,
    guidedPreset,
    {
      name: 'Whole captions in rounds',
      help: 'Ours, in the manner of MILS: write, score, keep, vary.',
      options: { search: 'rounds' },
    },
  ],
  async *run(_input, options, context) {
    const { family, decoder } = context;
    const { bos, tokenizer } = family.languageModel(decoder);
    const prompt = family.manifest.decoders[decoder]?.prompt;
    const model = await stepModel(
      graph,
      { ids: [bos, ...(prompt ? (await family.tokenizer(tokenizer)).encode(prompt) : [])] },
      context,
    );
    const found =
      options.search === 'rounds' && !publishedMode(magicModes, options)
        ? yield* rounds(model, options, context)
        : yield* search(model, options, context);
    return { found, optimised: true, counters: { ...context.scorer.counters } };
  },
};
