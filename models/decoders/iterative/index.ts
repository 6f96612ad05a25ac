import { search, searchOptions, stepModel, viewOptions } from '../prefix';
import { modeOption, publishedMode } from '../published';
import type { Decoder, OptionSpec } from '../types';
import { rounds, roundsOptions } from './rounds';

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
  name: 'iterative',
  title: 'Iterative',
  idea: 'A language model proposes words, the joint embedding scores every continued caption against the image, and the best survive.',
  trainedOn: 'nothing',
  accepts: 'any embedding of the space',
  needsGrid: false,
  scoresSteps: true,
  graphs: ['lm'],
  options: [...own, modeOption('iterative'), ...roundsOptions, ...viewOptions],
  async *run(_input, options, context) {
    const { family, decoder } = context;
    const { bos, tokenizer } = family.languageModel(decoder);
    const prompt = family.manifest.decoders[decoder]?.prompt;
    const model = await stepModel(
      'lm',
      { ids: [bos, ...(prompt ? (await family.tokenizer(tokenizer)).encode(prompt) : [])] },
      context,
    );
    const found =
      options.search === 'rounds' && !publishedMode(decoder, options)
        ? yield* rounds(model, options, context)
        : yield* search(model, options, context);
    return { found, optimised: true, counters: { ...context.scorer.counters } };
  },
};
