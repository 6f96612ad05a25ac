import type { BeamState, TokenChoice } from '../../events';
import { seeded } from '../../random';
import { lengthNormalised } from '../../search/beams';
import type { GraphStepModel } from '../../search/graph-step-model';
import { sample } from '../../search/sampling';
import type { Found, SearchInput } from '../../search/types';
import type { OptionSpec, OptionValues } from '../option-spec';
import type { DecoderContext, DecoderEvent } from '../types';

export const roundsOptions: readonly OptionSpec[] = [
  {
    kind: 'number',
    name: 'rounds',
    title: 'Rounds',
    basic: true,
    help: 'Of rounds: how often the kept captions are varied.',
    default: 4,
    min: 1,
    max: 50,
    integer: true,
    when: [{ search: ['rounds'] }],
  },
  {
    kind: 'number',
    name: 'keep',
    title: 'Captions kept',
    help: 'Of rounds: captions that survive a round.',
    default: 4,
    min: 1,
    max: 32,
    integer: true,
    when: [{ search: ['rounds'] }],
  },
];

/**
 * Whole-caption rounds: propose `samples` captions, score them by the joint embedding, keep the best, cut each survivor
 * at a random
 * place and let the language model write a new end; repeat. (Ours; MILS, arXiv 2501.18096, does the like with a large
 * model.)
 */
export async function* rounds(
  model: GraphStepModel,
  options: OptionValues,
  context: DecoderContext,
): AsyncGenerator<DecoderEvent, Found[], void> {
  const number = (name: string) => Number(options[name]);
  const tokenizer = await context.family.tokenizer(context.family.languageModel(context.decoder).tokenizer);
  const random = seeded(number('seed'));
  const input: SearchInput = {
    model,
    text: tokenizer,
    similarity: (captions) => context.scorer.score(captions),
    maxTokens: number('maxTokens'),
    alternatives: 8,
    lane: context.lane,
  };
  const drawing = {
    minTokens: number('minTokens'),
    noRepeat: number('noRepeat'),
    temperature: number('temperature'),
    topK: number('topK'),
    topP: number('topP'),
    samples: 1,
  };
  const given = context.prefixTokens.length;
  let kept: Whole[] = [];
  let step = 0;
  const state = ({ parent, tokens, caption, logProb, score, similarity }: Whole): BeamState => ({
    parent,
    token: tokens[tokens.length - 1] ?? model.endToken,
    text: caption,
    logProb,
    score,
    finished: true,
    similarity,
  });
  try {
    for (let round = 0; round < number('rounds'); round++) {
      const start = performance.now();
      const proposals: (Found & { parent: number })[] = [];
      for (let n = 0; n < number('samples'); n++) {
        const parent = kept.length ? kept[n % kept.length] : undefined;
        const cut = parent ? Math.floor(random() * parent.tokens.length) : 0;
        // The given beginning always, and of a parent what stands before the cut.
        const forced = parent ? parent.tokens.slice(0, Math.max(cut, given)) : context.prefixTokens;
        const one = sample(
          { ...input, forcedTokens: forced.length ? forced : undefined },
          { ...drawing, seed: Math.floor(random() * 2 ** 31) },
        );
        for (;;) {
          const { value, done } = await one.next();
          if (!done) continue;
          proposals.push(
            ...value.map((found) => ({
              ...found,
              parent: kept.length ? n % kept.length : 0,
              trail: () => onlyGiven(found.trail!(), given),
            })),
          );
          break;
        }
      }
      const worded = proposals.filter((found) => found.caption);
      const cosines = await input.similarity(worded.map((found) => found.caption));
      const scored = worded.map((found, i): Whole => ({
        ...found,
        similarity: cosines[i]!,
        score:
          lengthNormalised(found.logProb, found.tokens.length + 1, number('lengthPenalty')) +
          number('guidance') * cosines[i]!,
      }));
      kept = [
        ...new Map(
          [...kept.map((found, parent) => ({ ...found, parent })), ...scored].map((found) => [found.caption, found]),
        ).values(),
      ]
        .sort((a, b) => b.score - a.score)
        .slice(0, number('keep'));
      const best = kept[0];
      if (best) {
        const last = best.tokens[best.tokens.length - 1] ?? model.endToken;
        yield {
          type: 'step',
          lane: context.lane,
          step: step++,
          pass: round,
          whole: true,
          leader: 0,
          similarity: best.similarity,
          token: last,
          text: tokenizer.token(last),
          logProb: best.logProb,
          alternatives: [],
          weighed: scored.length,
          beams: kept.map(state),
          dropped: scored
            .filter((found) => !kept.includes(found))
            .sort((a, b) => b.score - a.score)
            .slice(0, 12)
            .map(state),
          partial: best.caption,
        };
      }
      yield { type: 'stage', lane: context.lane, stage: `round ${round + 1}`, ms: performance.now() - start };
    }
    return kept;
  } finally {
    model.dispose();
  }
}

/** A whole caption; `parent`: the kept one of the round before that it is, or was varied from. */
type Whole = Found & { parent: number; similarity: number };

/** What a round took over from a parent was chosen once; only the person's own beginning is marked as given. */
function onlyGiven(trail: readonly TokenChoice[], given: number): TokenChoice[] {
  return trail.map(({ forced: _forced, ...choice }, i) => (i < given ? { ...choice, forced: true } : choice));
}
