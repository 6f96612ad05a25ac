import { type Beam, stepEvent, trailOf } from './beams';
import type { Found, Search, SearchInput, StepOutput } from './types';

export type OpenClipBeamOptions = {
  beam: number;
  /** No caption ends before this many tokens, the begin token among them. */
  minLength: number;
  /** What a hypothesis adds up: logits as they are (open_clip 3.3.0), or log-probabilities. */
  add: 'logits' | 'log-probabilities';
  /** Whether the begin token counts in the length that a sum is divided by. */
  beginCounts: boolean;
};

/** A hypothesis; `sum` is what its search adds up. */
type Row = Beam & { sum: number };

/**
 * transformers' BeamSearchScorer (4.49.0) with length penalty 1 and no early stop, as open_clip's CoCa walks it: of
 * the 2 × beam likeliest continuations those that end among the first `beam` are kept in a list of `beam`, the best of
 * the others live on, and the search is done when the list is full and the sum of the likeliest continuation, over the
 * length of now, does not beat its worst. open_clip 3.3.0 runs three groups of two beams without a penalty on saying
 * the same: they stay alike, and one is walked here.
 */
export async function* openClipBeam(input: SearchInput, options: OpenClipBeamOptions): Search {
  const { model } = input;
  const { beam, minLength, beginCounts } = options;
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  // The end token may be forbidden.
  const k = Math.max(2 * beam + 1, input.alternatives);
  const wanted = (step: number) => ({
    k: input.forcedTokens && step < input.forcedTokens.length ? model.vocabulary : k,
  });
  const lengthOf = (tokens: number) => tokens + (beginCounts ? 1 : 0);
  let output = await model.prefill(wanted(0));
  let live: Row[] = [{ tokens: [], logProb: 0, sum: 0, parent: 0 }];
  const list: (Row & { score: number })[] = [];
  const keep = (row: Row, length: number) => {
    const score = row.sum / length;
    if (list.length === beam && score <= list[beam - 1]!.score) return;
    list.push({ ...row, score });
    list.sort((a, b) => b.score - a.score).splice(beam);
  };
  let done = false;
  for (let step = 0; step < limit && !done; step++) {
    const forced = input.forcedTokens?.[step];
    const best = live
      .flatMap((row, parent) => continuations(row, parent, output, options, forced))
      .filter(({ tokens }) => tokens.at(-1) !== model.endToken || tokens.length >= minLength)
      .sort((a, b) => b.sum - a.sum)
      .slice(0, 2 * beam);
    const length = lengthOf(step + 1);
    const [next, ended, dropped]: [Row[], Row[], Row[]] = [[], [], []];
    for (const [rank, row] of best.entries()) {
      if (next.length === beam) dropped.push(row);
      else if (row.tokens.at(-1) !== model.endToken) next.push(row);
      else if (rank < beam) {
        ended.push(row);
        keep(row, length);
      } else dropped.push(row);
    }
    if (!best.length) break;
    const told = (row: Row) => Object.assign(row, { score: row.sum / length });
    yield stepEvent(input, step, output, {
      live: next.map(told),
      ended: ended.map(told),
      dropped: dropped.map(told),
      leader: told(ended[0] === best[0] ? best[0]! : (next[0] ?? best[0]!)),
    });
    if (!next.length) break;
    live = next;
    done = list.length === beam && list[beam - 1]!.score >= best[0]!.sum / length;
    if (done || step + 1 === limit) break;
    output = await model.step(
      live.map(({ parent }) => parent),
      live.map(({ tokens }) => tokens.at(-1)!),
      wanted(step + 1),
    );
  }
  // Those that are still open join the list.
  if (!done) for (const row of live) if (row.tokens.length) keep(row, lengthOf(row.tokens.length));
  return list.map(({ tokens, logProb, score, chosen }): Found => ({
    caption: input.text.decode(tokens),
    tokens,
    logProb,
    score,
    trail: () => trailOf(chosen, input),
  }));
}

/** What a row may go on with, and what that adds to its sum. */
function continuations(
  row: Row,
  parent: number,
  output: StepOutput,
  { add }: OpenClipBeamOptions,
  forced: number | undefined,
): Row[] {
  const first = output.logProbs[parent * output.k]!;
  const largest = output.largestLogit?.[parent] ?? first;
  return Array.from({ length: output.k }, (_, i) => {
    const token = output.ids[parent * output.k + i]!;
    const logProb = output.logProbs[parent * output.k + i]!;
    return {
      tokens: [...row.tokens, token],
      logProb: row.logProb + logProb,
      sum: row.sum + (add === 'logits' ? largest + (logProb - first) : logProb),
      parent,
      chosen: { token, logProb, output, row: parent, forced: forced !== undefined, before: row.chosen },
    };
  }).filter(({ chosen }) => forced === undefined || chosen.token === forced);
}
