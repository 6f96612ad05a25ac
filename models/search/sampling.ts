import { seeded } from '../random';
import { type Chosen, stepEvent, trailOf } from './beams';
import { allowed, type Constraints } from './constraints';
import type { Found, Search, SearchInput, StepOutput } from './types';

export type SamplingOptions = Constraints & {
  temperature: number;
  /** Only the k most likely tokens (0: all). */
  topK: number;
  /** Only the most likely tokens that together reach this probability (Holtzman et al. 2020; 1: off). */
  topP: number;
  seed: number;
  /** Captions drawn one after the other; the likeliest comes first. */
  samples: number;
};

/**
 * Draws captions token by token. The nucleus is taken within the top-k, after the temperature. The seed makes it
 * repeatable.
 */
export async function* sample(input: SearchInput, options: SamplingOptions): Search {
  const { model } = input;
  const random = seeded(options.seed);
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  const k = options.topK > 0 ? Math.min(options.topK, model.vocabulary) : model.vocabulary;
  const found: Found[] = [];
  for (let n = 0; n < options.samples; n++) {
    const tokens: number[] = [];
    let logProb = 0;
    let chosen: Chosen | undefined;
    for (let step = 0; step < limit; step++) {
      const forced = input.forcedTokens?.[step];
      const request = { k: forced === undefined ? k : model.vocabulary, temperature: options.temperature };
      const output: StepOutput =
        step === 0 ? await model.prefill(request) : await model.step([0], [tokens[tokens.length - 1]!], request);
      const at =
        forced === undefined
          ? draw(output, (token) => allowed(tokens, token, model.endToken, options), options.topP, random())
          : output.ids.indexOf(forced);
      const token = output.ids[at]!;
      const ends = token === model.endToken;
      chosen = { token, logProb: output.logProbs[at]!, output, row: 0, forced: forced !== undefined, before: chosen };
      tokens.push(token);
      logProb += output.logProbs[at]!;
      const beam = { tokens: [...tokens], logProb, score: logProb, parent: 0, chosen };
      yield stepEvent(input, step, output, {
        live: ends ? [] : [beam],
        ended: ends ? [beam] : [],
        dropped: [],
        leader: beam,
        pass: n,
      });
      if (ends) break;
    }
    const words = tokens[tokens.length - 1] === model.endToken ? tokens.slice(0, -1) : tokens;
    const last = chosen;
    found.push({
      caption: input.text.decode(words),
      tokens: words,
      logProb,
      score: logProb,
      trail: () => trailOf(last, input),
    });
  }
  return found.sort((a, b) => b.score - a.score);
}

/** Index of the token that the number `u` in [0, 1) falls on. */
function draw(output: StepOutput, may: (token: number) => boolean, topP: number, u: number): number {
  const kept: { at: number; p: number }[] = [];
  let sum = 0;
  for (let at = 0; at < output.k; at++) {
    if (!may(output.ids[at]!)) continue;
    const p = Math.exp(output.logProbs[at]!);
    kept.push({ at, p });
    sum += p;
    if (sum >= topP) break;
  }
  let left = u * sum;
  for (const { at, p } of kept) {
    left -= p;
    if (left < 0) return at;
  }
  return kept[kept.length - 1]?.at ?? 0;
}
