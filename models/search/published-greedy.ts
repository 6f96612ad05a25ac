import { type Chosen, stepEvent, trailOf } from './beams';
import type { Search, SearchInput } from './types';

/**
 * The greedy loop of the authors' code: the likeliest token each time, nothing forbidden, the stop token kept as the
 * last one. It is
 * ClipCap's "top-p" (`generate2`, rmokady/CLIP_prefix_caption at 1ad805a), which filters the nucleus and then takes the
 * maximum all the same, and
 * DeCap's `Decoding` (dhg-wei/DeCap at 1c26934).
 */
export async function* publishedGreedy(input: SearchInput, { stopToken }: { stopToken: number }): Search {
  const { model } = input;
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  const request = { k: Math.max(1, input.alternatives) };
  const tokens: number[] = [];
  let logProb = 0;
  let last: Chosen | undefined;
  for (let step = 0; step < limit; step++) {
    const forced = input.forcedTokens?.[step];
    const asked = forced === undefined ? request : { k: model.vocabulary };
    const output = step === 0 ? await model.prefill(asked) : await model.step([0], [tokens[tokens.length - 1]!], asked);
    const at = forced === undefined ? 0 : Math.max(0, output.ids.indexOf(forced));
    const token = output.ids[at]!;
    logProb += output.logProbs[at]!;
    tokens.push(token);
    last = { token, logProb: output.logProbs[at]!, output, row: 0, forced: forced !== undefined, before: last };
    const beam = { tokens: [...tokens], logProb, parent: 0, chosen: last, score: logProb };
    yield stepEvent(
      input,
      step,
      output,
      token === stopToken
        ? { live: [], ended: [beam], dropped: [], leader: beam }
        : { live: [beam], ended: [], dropped: [], leader: beam },
    );
    if (token === stopToken) break;
  }
  return [{ caption: input.text.decode(tokens), tokens, logProb, score: logProb, trail: () => trailOf(last, input) }];
}
