import { seeded } from '../random';
import { type Chosen, stepEvent, trailOf } from './beams';
import type { Found, Search, SearchInput, StepOutput } from './types';

/** What one way of sampling has of its own. */
export type Drawing = {
  seed: number;
  /** Captions drawn one after the other. */
  samples: number;
  /** Tokens that a step has to tell, and the temperature of their probabilities. */
  request: { k: number; temperature?: number };
  /** The place in `output` of the token that the number `u` in [0, 1) falls on, after `tokens`. */
  draw(output: StepOutput, tokens: readonly number[], u: number): number;
  ends(token: number): boolean;
  /** The token that stands at the last place whatever is likely there. */
  lastToken?: number;
  /** What of the tokens is the caption. */
  captionOf(tokens: readonly number[]): number[];
};

/** Draws captions of one seed, token by token and one after the other; the likeliest comes first. */
export async function* drawCaptions(input: SearchInput, drawing: Drawing): Search {
  const { model } = input;
  const random = seeded(drawing.seed);
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  const found: Found[] = [];
  for (let n = 0; n < drawing.samples; n++) {
    const tokens: number[] = [];
    let logProb = 0;
    let chosen: Chosen | undefined;
    for (let step = 0; step < limit; step++) {
      const forced = input.forcedTokens?.[step] ?? (step === limit - 1 ? drawing.lastToken : undefined);
      const request = forced === undefined ? drawing.request : { ...drawing.request, k: model.vocabulary };
      const output: StepOutput =
        step === 0 ? await model.prefill(request) : await model.step([0], [tokens.at(-1)!], request);
      const at = forced === undefined ? drawing.draw(output, tokens, random()) : output.ids.indexOf(forced);
      const token = output.ids[at]!;
      chosen = { token, logProb: output.logProbs[at]!, output, row: 0, forced: forced !== undefined, before: chosen };
      tokens.push(token);
      logProb += output.logProbs[at]!;
      const ends = drawing.ends(token);
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
    const words = drawing.captionOf(tokens);
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
