import { alternativesOf } from './beams';
import type { Search, SearchInput, StepOutput } from './types';

export type ClipCapBeamOptions = { beam: number; stopToken: number };

/**
 * ClipCap's own beam search with its quirks (`generate_beam`, rmokady/CLIP_prefix_caption at 1ad805a): no heap of finished captions, so
 * one can be evicted; a finished row proposes token 0 at log-probability 0 only; rows are ranked by mean log-probability, and the sum
 * is kept as mean times length; it ends when all rows are finished. For parity with published figures, not for quality.
 */
export async function* clipcapBeam(input: SearchInput, { beam, stopToken }: ClipCapBeamOptions): Search {
  const { model } = input;
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  let output: StepOutput = await model.prefill({ k: Math.max(beam, input.alternatives) });
  let rows = Array.from({ length: beam }, (_, i) => ({
    tokens: [output.ids[i]!],
    sum: output.logProbs[i]!,
    length: 1,
    stopped: output.ids[i] === stopToken,
    parent: 0,
  }));
  for (let step = 0; ; step++) {
    const leader = rows.reduce((best, row) => (row.sum / row.length > best.sum / best.length ? row : best));
    const token = leader.tokens[leader.tokens.length - 1]!;
    yield {
      type: 'step',
      lane: input.lane,
      step,
      token,
      text: input.text.token(token),
      logProb: logProbOf(output, leader.parent, token),
      entropy: output.entropy[leader.parent]!,
      alternatives: alternativesOf(output, leader.parent, input),
      beams: rows.map((row) => {
        const last = row.tokens[row.tokens.length - 1]!;
        return { parent: row.parent, token: last, text: input.text.token(last), logProb: row.sum, score: row.sum / row.length, finished: row.stopped };
      }),
      partial: input.text.decode(visible(leader.tokens, leader.length, stopToken)),
    };
    if (rows.every((row) => row.stopped) || step + 1 >= limit) break;
    output = await model.step(step === 0 ? rows.map(() => 0) : rows.map((row) => row.parent), rows.map((row) => row.tokens[row.tokens.length - 1]!), { k: Math.max(beam, input.alternatives) });
    const candidates = rows.flatMap((row, parent) => {
      const length = row.stopped ? row.length : row.length + 1;
      const options = row.stopped ? [{ id: 0, logProb: 0 }] : Array.from({ length: beam }, (_, i) => ({ id: output.ids[parent * output.k + i]!, logProb: output.logProbs[parent * output.k + i]! }));
      return options.map(({ id, logProb }) => ({ row, parent, id, length, mean: (row.sum + logProb) / length }));
    });
    candidates.sort((a, b) => b.mean - a.mean);
    rows = candidates.slice(0, beam).map(({ row, parent, id, length, mean }) => ({ tokens: [...row.tokens, id], sum: mean * length, length, stopped: row.stopped || id === stopToken, parent }));
  }
  return rows
    .map((row) => ({ tokens: visible(row.tokens, row.length, stopToken), logProb: row.sum, score: row.sum / row.length }))
    .sort((a, b) => b.score - a.score)
    .map((found) => ({ ...found, caption: input.text.decode(found.tokens) }));
}

/** The tokens that count: cut to the row's length, the stop token left out. */
function visible(tokens: readonly number[], length: number, stopToken: number): number[] {
  return tokens.slice(0, length).filter((token) => token !== stopToken);
}

function logProbOf(output: StepOutput, row: number, token: number): number {
  for (let i = 0; i < output.k; i++) if (output.ids[row * output.k + i] === token) return output.logProbs[row * output.k + i]!;
  return 0;
}
