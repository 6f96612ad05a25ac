import { stepEvent } from './beams';
import type { Search, SearchInput } from './types';

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
 * (1-α)·p(v) - α·max_j cos(h_v, h_j) + β·f(v), where p is a probability, h are last hidden states and f is the softmax over the K of
 * logit scale · cosine(image, text so far + v). The best is taken: greedy and deterministic. Ends at the end token.
 */
export async function* magic(input: SearchInput, options: MagicOptions): Search {
  const { model } = input;
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  const request = { k: Math.max(options.candidates, input.alternatives), hidden: true };
  let output = await model.prefill(request);
  const before: Float32Array[] = [output.hidden!.slice(0, output.hidden!.length / output.rows)];
  const tokens: number[] = [];
  let logProb = 0;
  let row = 0;
  for (let step = 0; step < limit; step++) {
    const forced = input.forcedTokens?.[step];
    const count = Math.min(options.candidates, output.k);
    const at = Array.from({ length: count }, (_, i) => row * output.k + i);
    const ids = at.map((i) => output.ids[i]!);
    const logProbs = at.map((i) => output.logProbs[i]!);
    const captions = ids.map((id) => input.text.decode([...tokens, id].filter((token) => token !== model.endToken)));
    // An empty caption has no embedding: the end token cannot be scored before the first word.
    const scorable = captions.map((caption) => caption || input.text.token(ids.find((id) => id !== model.endToken)!).trim());
    const cosines = await input.similarity(scorable);
    const image = softmax(cosines.map((c) => options.logitScale * c));
    // The next state of every candidate is needed for the penalty, so all are stepped at once; the chosen row goes on.
    const lookahead = await model.step(ids.map(() => row), ids, request);
    const width = lookahead.hidden!.length / lookahead.rows;
    const states = ids.map((_, i) => lookahead.hidden!.slice(i * width, (i + 1) * width));
    const scores = ids.map((_, i) => (1 - options.alpha) * Math.exp(logProbs[i]!) - options.alpha * Math.max(...before.map((h) => cosineOf(states[i]!, h))) + options.beta * image[i]!);
    let best = forced === undefined ? 0 : Math.max(0, ids.indexOf(forced));
    if (forced === undefined) scores.forEach((score, i) => (best = score > scores[best]! ? i : best));
    const token = ids[best]!;
    tokens.push(token);
    logProb += logProbs[best]!;
    const beams = ids
      .map((id, i) => ({ parent: row, token: id, text: input.text.token(id), logProb: logProb - logProbs[best]! + logProbs[i]!, score: scores[i]!, finished: id === model.endToken, similarity: cosines[i]! }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 5);
    yield stepEvent(input, step, output, { tokens: [...tokens], logProb, parent: row }, beams);
    if (token === model.endToken) break;
    before.push(states[best]!);
    output = lookahead;
    row = best;
    await options.follow([input.text.decode(tokens)]);
  }
  const words = tokens.filter((token) => token !== model.endToken);
  return [{ caption: input.text.decode(words), tokens: words, logProb, score: logProb }];
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
