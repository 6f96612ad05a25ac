import { drawCaptions } from './draw-captions';
import type { Search, SearchInput, StepOutput } from './types';

export type OpenClipSampleOptions = {
  /** What thins out the tokens, before the temperature has its say. */
  keep: { topK: number } | { topP: number };
  temperature: number;
  /** No caption ends before this many tokens, the begin token among them. */
  minLength: number;
  /** Token 0, open_clip's padding, ends a caption too. */
  padding: number;
  seed: number;
  samples: number;
};

/**
 * Sampling in the order of open_clip 3.3.0's `generate`: the end token is forbidden up to the least length, then top-k
 * or the nucleus is taken, and only then the logits are divided by the temperature. The last place is forced to be the
 * end token. (Our own, sampling.ts, has the temperature first.) Captions of one seed are drawn one after the other,
 * the likeliest comes first.
 */
export function openClipSample(input: SearchInput, options: OpenClipSampleOptions): Search {
  const { vocabulary, endToken } = input.model;
  return drawCaptions(input, {
    ...options,
    request: { k: 'topK' in options.keep && options.keep.topK > 0 ? options.keep.topK + 1 : vocabulary },
    draw: (output, tokens, u) =>
      drawn(distribution(output, endToken, tokens.length + 1 < options.minLength, options), u),
    ends: (token) => token === endToken || token === options.padding,
    lastToken: endToken,
    captionOf: (tokens) => [...tokens],
  });
}

/** The tokens that may come next, likeliest first, by their place in the output; probabilities add up to 1. */
function distribution(
  output: StepOutput,
  endToken: number,
  tooShort: boolean,
  { keep, temperature }: OpenClipSampleOptions,
): { at: number; p: number }[] {
  const allowed = Array.from({ length: output.k }, (_, at) => at).filter(
    (at) => !tooShort || output.ids[at] !== endToken,
  );
  const whole = allowed.reduce((sum, at) => sum + Math.exp(output.logProbs[at]!), 0);
  let above = 0;
  const kept = allowed.filter((at, rank) => {
    if ('topK' in keep) return keep.topK === 0 || rank < keep.topK;
    const isIn = rank === 0 || above < keep.topP;
    above += Math.exp(output.logProbs[at]!) / whole;
    return isIn;
  });
  const first = output.logProbs[kept[0]!]!;
  const weights = kept.map((at) => Math.exp((output.logProbs[at]! - first) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return kept.map((at, i) => ({ at, p: weights[i]! / total }));
}

/** Where the number `u` in [0, 1) falls. */
function drawn(kept: readonly { at: number; p: number }[], u: number): number {
  let left = u;
  for (const { at, p } of kept) {
    left -= p;
    if (left < 0) return at;
  }
  return kept[0]!.at;
}
