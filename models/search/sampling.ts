import { allowed, type Constraints } from './constraints';
import { drawCaptions } from './draw-captions';
import type { Search, SearchInput, StepOutput } from './types';

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
export function sample(input: SearchInput, options: SamplingOptions): Search {
  const { vocabulary, endToken } = input.model;
  return drawCaptions(input, {
    ...options,
    request: {
      k: options.topK > 0 ? Math.min(options.topK, vocabulary) : vocabulary,
      temperature: options.temperature,
    },
    draw: (output, tokens, u) => draw(output, (token) => allowed(tokens, token, endToken, options), options.topP, u),
    ends: (token) => token === endToken,
    captionOf: (tokens) => (tokens.at(-1) === endToken ? tokens.slice(0, -1) : [...tokens]),
  });
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
