import { type Beam, lengthNormalised, stepEvent, trailOf } from './beams';
import { allowed, type Constraints } from './constraints';
import type { Found, Search, SearchInput, StepOutput } from './types';

export type BeamOptions = Constraints & {
  beam: number;
  /** Exponent of the length normalisation. */
  lengthPenalty: number;
};

/**
 * Beam search with a heap of finished hypotheses (Wu et al. 2016): a finished caption is never evicted by a live one,
 * and the search
 * ends when no live beam can still beat the worst of the `beam` best finished. `beam` 1 is greedy search.
 */
export async function* beamSearch(input: SearchInput, options: BeamOptions): Search {
  const { model } = input;
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  const endToken = model.endToken;
  // Each row needs its own best `beam` after what the rules forbid, and the end token.
  const k = Math.max(options.beam * 2 + 2, input.alternatives, 8);
  let output = await model.prefill({ k: input.forcedTokens?.length ? model.vocabulary : k });
  let live: Beam[] = [{ tokens: [], logProb: 0, parent: 0 }];
  let finished: Found[] = [];
  const score = (beam: Beam) => lengthNormalised(beam.logProb, beam.tokens.length, options.lengthPenalty);
  const told = (beam: Beam) => Object.assign(beam, { score: score(beam) });

  for (let step = 0; step < limit; step++) {
    const forced = input.forcedTokens?.[step];
    const candidates = expand(live, output, forced !== undefined, (tokens, token) =>
      forced === undefined ? allowed(tokens, token, endToken, options) : token === forced,
    );
    const next: Beam[] = [];
    const ended: Beam[] = [];
    const dropped: Beam[] = [];
    for (const [rank, candidate] of candidates.entries()) {
      const ends = candidate.tokens[candidate.tokens.length - 1] === endToken;
      if (next.length === options.beam) dropped.push(candidate);
      else if (!ends) next.push(candidate);
      else if (rank < options.beam || step === limit - 1) {
        ended.push(candidate);
        finished.push({
          caption: '',
          tokens: candidate.tokens.slice(0, -1),
          logProb: candidate.logProb,
          score: score(candidate),
          trail: () => trailOf(candidate.chosen, input),
        });
      } else dropped.push(candidate);
    }
    finished = finished.sort((a, b) => b.score - a.score).slice(0, options.beam);
    const leader = leading(candidates, finished, options.lengthPenalty);
    if (leader)
      yield stepEvent(input, step, output, {
        live: next.map(told),
        ended: ended.map(told),
        dropped: dropped.map(told),
        leader: told(leader),
      });
    // Nothing more is allowed, or greedy search took the end token.
    if (!next.length || (options.beam === 1 && finished.length)) break;
    live = next;
    if (step === limit - 1 || settled(live, finished, options, limit)) break;
    output = await model.step(
      live.map((beam) => beam.parent),
      live.map((beam) => beam.tokens[beam.tokens.length - 1]!),
      { k: input.forcedTokens && step + 1 < input.forcedTokens.length ? model.vocabulary : k },
    );
  }
  // Captions cut at the limit stand behind the finished ones.
  const cut = live.map((beam): Found => ({
    caption: '',
    tokens: beam.tokens,
    logProb: beam.logProb,
    score: score(beam),
    trail: () => trailOf(beam.chosen, input),
  }));
  const all = finished.length ? finished : cut.sort((a, b) => b.score - a.score).slice(0, options.beam);
  return all.map((found) => ({ ...found, caption: input.text.decode(found.tokens) }));
}

/** All continuations that the rules allow, best first; `parent` is the row that each grew from. */
function expand(
  live: readonly Beam[],
  output: StepOutput,
  forced: boolean,
  may: (tokens: readonly number[], token: number) => boolean,
): Beam[] {
  const out: Beam[] = [];
  live.forEach((beam, row) => {
    for (let i = 0; i < output.k; i++) {
      const token = output.ids[row * output.k + i]!;
      if (!may(beam.tokens, token)) continue;
      const logProb = output.logProbs[row * output.k + i]!;
      out.push({
        tokens: [...beam.tokens, token],
        logProb: beam.logProb + logProb,
        parent: row,
        chosen: { token, logProb, output, row, forced, before: beam.chosen },
      });
    }
  });
  return out.sort((a, b) => b.logProb - a.logProb);
}

/** The hypothesis to show: the best live one, or one that just ended. */
function leading(candidates: readonly Beam[], finished: readonly Found[], alpha: number): Beam | undefined {
  const best = candidates[0];
  const done = finished[0];
  if (!done || !best) return best;
  const ended = candidates.find((c) => c.tokens.length === done.tokens.length + 1 && c.logProb === done.logProb);
  return ended && done.score >= lengthNormalised(best.logProb, best.tokens.length, alpha) ? ended : best;
}

/**
 * No live beam can still beat the worst of the kept ones: log-probabilities only fall, and length helps at most up to
 * the limit.
 */
function settled(
  live: readonly Beam[],
  finished: readonly Found[],
  { beam, lengthPenalty }: BeamOptions,
  limit: number,
): boolean {
  if (finished.length < beam) return false;
  const worst = finished[finished.length - 1]!.score;
  return live.every((b) => lengthNormalised(b.logProb, limit, lengthPenalty) <= worst);
}
