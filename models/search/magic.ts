import { type Chosen, stepEvent, trailOf } from './beams';
import type { Search, SearchInput, StepOutput } from './types';

export type MagicOptions = {
  /** K: tokens that compete in each step. */
  candidates: number;
  /** Degeneration penalty: weight of the largest cosine between a candidate's hidden state and those before it. */
  alpha: number;
  /** Weight of the image. */
  beta: number;
  /** Logit scale of the space: cosines are multiplied by it before their softmax. */
  logitScale: number;
  follow(captions: readonly string[]): Promise<void>;
};

/**
 * MAGIC search (arXiv 2205.02655, yxuansu/MAGIC at acefac6): over the K likeliest tokens,
 * (1-α)·p(v) - α·max_j cos(h_v, h_j) + β·f(v), where p is a probability, h are last hidden states and f is the softmax
 * over the K of
 * logit scale · cosine(image, text so far + v). The best is taken: greedy and deterministic. Ends at the end token.
 *
 * The authors step the language model with all K only for the states h_v. A cosine lies between -1 and 1, so a token
 * whose score without the
 * penalty is more than 2α below the best one cannot win, whatever its state: those are not stepped. The choice is the
 * same, exactly;
 * dropped tokens that were not stepped are told with their score before the penalty. What follows is needed for the
 * chosen token alone, so the step
 * tells of the likeliest winners only; where another one wins, it is stepped again. One goes on, so all are tokens of
 * one sequence over one cache.
 */
export async function* magic(input: SearchInput, options: MagicOptions): Search {
  const { model } = input;
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  // A forced token may be any of the vocabulary; where one comes next, all are asked for.
  const wanted = (step: number) => ({
    k: step < (input.forcedTokens?.length ?? 0) ? model.vocabulary : Math.max(options.candidates, input.alternatives),
    hidden: true,
  });
  let output = await model.prefill(wanted(0));
  const before: Float32Array[] = [output.hidden!.slice(0, output.hidden!.length / output.rows)];
  const tokens: number[] = [];
  let logProb = 0;
  /** Of the chosen token: its row in the model's batch, and in the output. */
  let row = 0;
  let told = 0;
  let chosen: Chosen | undefined;
  for (let step = 0; step < limit; step++) {
    const forced = input.forcedTokens?.[step];
    const at = rivals(output, told, options.candidates, forced);
    const ids = at.map((i) => output.ids[i]!);
    const logProbs = at.map((i) => output.logProbs[i]!);
    const captions = ids.map((id) => input.text.decode([...tokens, id].filter((token) => token !== model.endToken)));
    // The end token before the first word is scored as the authors do: by the embedding of begin and end alone.
    const cosines = await input.similarity(captions);
    const image = softmax(cosines.map((c) => options.logitScale * c));
    const plain = ids.map((_, i) => (1 - options.alpha) * Math.exp(logProbs[i]!) + options.beta * image[i]!);
    const within = Math.max(...plain) - 2 * options.alpha;
    // The next state of every token that can still win is needed for the penalty, so those are stepped at once; the
    // chosen row goes on.
    const rivalling = ids.map((_, i) => i).filter((i) => plain[i]! >= within);
    const headRows = rivalling
      .map((_, r) => r)
      .sort((a, b) => plain[rivalling[b]!]! - plain[rivalling[a]!]!)
      .slice(0, likelyWinners);
    const lookahead = await model.step(
      rivalling.map(() => row),
      rivalling.map((i) => ids[i]!),
      { ...wanted(step + 1), headRows, rivals: true },
    );
    const width = lookahead.hidden!.length / rivalling.length;
    const stateOf = (r: number) => lookahead.hidden!.slice(r * width, (r + 1) * width);
    const scores = [...plain];
    rivalling.forEach(
      (i, r) => (scores[i]! -= options.alpha * Math.max(...before.map((h) => cosineOf(stateOf(r), h)))),
    );
    const ranked = ids.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
    const best = ranked[0]!;
    const token = ids[best]!;
    const tell = (i: number) => ({
      tokens: [...tokens, ids[i]!],
      logProb: logProb + logProbs[i]!,
      score: scores[i]!,
      similarity: cosines[i]!,
      parent: 0,
      chosen: {
        token: ids[i]!,
        logProb: logProbs[i]!,
        output,
        row: told,
        forced: forced !== undefined,
        before: chosen,
      },
    });
    const leader = tell(best);
    const ends = token === model.endToken;
    yield stepEvent(input, step, output, {
      live: ends ? [] : [leader],
      ended: ends ? [leader] : [],
      dropped: ranked.slice(1).map(tell),
      leader,
    });
    tokens.push(token);
    logProb = leader.logProb;
    chosen = leader.chosen;
    if (ends) break;
    row = rivalling.indexOf(best);
    told = headRows.indexOf(row);
    before.push(stateOf(row));
    output = lookahead;
    if (told < 0) {
      output = await model.again([row], wanted(step + 1));
      row = told = 0;
    }
    await options.follow([input.text.decode(tokens)]);
  }
  const words = tokens.filter((token) => token !== model.endToken);
  return [
    { caption: input.text.decode(words), tokens: words, logProb, score: logProb, trail: () => trailOf(chosen, input) },
  ];
}

/** The penalty seldom changes more than the order of the best few. */
const likelyWinners = 4;

/** Places in the output of the tokens that compete in a row: the likeliest, or the forced one alone. */
function rivals(output: StepOutput, row: number, candidates: number, forced: number | undefined): number[] {
  if (forced === undefined) return Array.from({ length: Math.min(candidates, output.k) }, (_, i) => row * output.k + i);
  for (let i = row * output.k; i < (row + 1) * output.k; i++) if (output.ids[i] === forced) return [i];
  return [];
}

function softmax(values: readonly number[]): number[] {
  const largest = Math.max(...values);
  const weights = values.map((v) => Math.exp(v - largest));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb || 1);
}
