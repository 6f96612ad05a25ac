import { type Beam, lengthNormalised, stepEvent, trailOf } from './beams';
import { allowed, type Constraints } from './constraints';
import type { Found, Search, SearchInput } from './types';

export type GuidedBeamOptions = Constraints & {
  beam: number;
  /** Tokens that the language model proposes for each beam. */
  candidates: number;
  lengthPenalty: number;
  /** Weight of the cosine beside the length-normalised log-probability. */
  guidance: number;
  /** Called with the captions of the beams that go on, so that their text can be cached. */
  follow(captions: readonly string[]): Promise<void>;
};
type Guided = Beam & { caption: string; similarity: number; score: number; ends: boolean };

/**
 * CLIP-guided beam search: the language model proposes, the joint embedding scores every continued text, and
 * `logProb / length^alpha + guidance · cosine` decides. A candidate's text is scored as if it ended there. No training,
 * no gradients
 * (after ZeroCap, arXiv 2111.14447, and MAGIC, arXiv 2205.02655; an extension of ours, with a heap of finished
 * captions).
 */
export async function* guidedBeam(input: SearchInput, options: GuidedBeamOptions): Search {
  const { model } = input;
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  const k = Math.max(options.candidates + 4, input.alternatives);
  let output = await model.prefill({ k: input.forcedTokens?.length ? model.vocabulary : k });
  let live: Guided[] = [{ tokens: [], logProb: 0, parent: 0, caption: '', similarity: 0, score: 0, ends: false }];
  let finished: Guided[] = [];

  for (let step = 0; step < limit; step++) {
    const forced = input.forcedTokens?.[step];
    const proposals: Beam[] = [];
    live.forEach((beam, row) => {
      let taken = 0;
      for (let i = 0; i < output.k && taken < options.candidates; i++) {
        const token = output.ids[row * output.k + i]!;
        if (forced === undefined ? !allowed(beam.tokens, token, model.endToken, options) : token !== forced) continue;
        taken++;
        const logProb = output.logProbs[row * output.k + i]!;
        proposals.push({
          tokens: [...beam.tokens, token],
          logProb: beam.logProb + logProb,
          parent: row,
          chosen: { token, logProb, output, row, forced: forced !== undefined, before: beam.chosen },
        });
      }
    });
    const captions = proposals.map((p) => input.text.decode(p.tokens.filter((token) => token !== model.endToken)));
    const cosines = await input.similarity(captions);
    const scored = proposals
      .map((p, i): Guided => {
        const ends = p.tokens[p.tokens.length - 1] === model.endToken;
        const score =
          lengthNormalised(p.logProb, p.tokens.length, options.lengthPenalty) + options.guidance * cosines[i]!;
        return { ...p, caption: captions[i]!, similarity: cosines[i]!, score, ends };
      })
      .sort((a, b) => b.score - a.score);
    if (!scored.length) break;
    const ended = scored.slice(0, options.beam).filter((c) => c.ends);
    finished = [...finished, ...ended].sort((a, b) => b.score - a.score).slice(0, options.beam);
    // Two beams with the same words would be one beam twice.
    const seen = new Set<string>();
    const next = scored.filter((c) => !c.ends && !seen.has(c.caption) && seen.add(c.caption)).slice(0, options.beam);
    yield stepEvent(input, step, output, {
      live: next,
      ended,
      dropped: scored.filter((c) => !next.includes(c) && !ended.includes(c)),
      leader: scored[0]!,
    });
    if (!next.length) break;
    live = next;
    // Ends once as many captions are finished as beams live and none of those leads. Greedy in that a live beam could
    // still climb.
    if (
      step === limit - 1 ||
      (finished.length >= options.beam && finished[finished.length - 1]!.score >= live[0]!.score)
    )
      break;
    await options.follow(live.map((c) => c.caption));
    output = await model.step(
      live.map((c) => c.parent),
      live.map((c) => c.tokens[c.tokens.length - 1]!),
      { k: input.forcedTokens && step + 1 < input.forcedTokens.length ? model.vocabulary : k },
    );
  }
  return (finished.length ? finished : live).map(({ tokens, caption, logProb, score, chosen }): Found => ({
    tokens: tokens.filter((token) => token !== model.endToken),
    caption,
    logProb,
    score,
    trail: () => trailOf(chosen, input),
  }));
}
