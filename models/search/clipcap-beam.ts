import { type Chosen, stepEvent, trailOf } from './beams';
import type { Search, SearchInput, StepOutput } from './types';

export type ClipCapBeamOptions = {
  beam: number;
  stopToken: number;
  /** Keeps the stop token in what is found, as the authors' code does. */ keepStop?: boolean;
};

/**
 * ClipCap's own beam search with its quirks (`generate_beam`, rmokady/CLIP_prefix_caption at 1ad805a): no heap of
 * finished captions, so
 * one can be evicted; a finished row proposes token 0 at log-probability 0 only; rows are ranked by mean
 * log-probability, and the sum
 * is kept as mean times length; it ends when all rows are finished. For parity with published figures, not for quality.
 */
export async function* clipcapBeam(input: SearchInput, { beam, stopToken, keepStop }: ClipCapBeamOptions): Search {
  const { model } = input;
  const limit = Math.min(input.maxTokens, model.maxNewTokens);
  const k = Math.max(beam, input.alternatives);
  const wanted = (step: number) => ({
    k: input.forcedTokens && step < input.forcedTokens.length ? model.vocabulary : k,
  });
  let output: StepOutput = await model.prefill(wanted(0));
  let rows: Row[] = [{ tokens: [], sum: 0, length: 0, stopped: false, parent: 0 }];
  for (let step = 0; ; step++) {
    const forced = input.forcedTokens?.[step];
    const candidates = rows.flatMap((row, parent) => {
      const length = row.stopped ? row.length : row.length + 1;
      return proposals(output, parent, row.stopped, forced, beam).map(({ id, logProb }) => ({
        row,
        parent,
        id,
        length,
        logProb,
        mean: (row.sum + logProb) / length,
      }));
    });
    candidates.sort((a, b) => b.mean - a.mean);
    const grown = candidates.map(({ row, parent, id, length, logProb, mean }): Row => ({
      tokens: [...row.tokens, id],
      sum: mean * length,
      length,
      stopped: row.stopped || id === stopToken,
      parent,
      chosen: row.stopped
        ? row.chosen
        : { token: id, logProb, output, row: parent, forced: forced !== undefined, before: row.chosen },
    }));
    rows = grown.slice(0, beam);
    const told = (row: Row) => ({ ...row, logProb: row.sum, score: row.sum / row.length });
    const live = rows.map(told);
    const leader = live.reduce((best, row) => (row.score > best.score ? row : best));
    const event = stepEvent(input, step, output, { live, ended: [], dropped: grown.slice(beam).map(told), leader });
    // Finished rows stay among the others here.
    yield {
      ...event,
      beams: event.beams.map((state, i) => ({ ...state, finished: rows[i]!.stopped })),
      partial: input.text.decode(visible(leader.tokens, leader.length, stopToken)),
    };
    if (rows.every((row) => row.stopped) || step + 1 >= limit) break;
    output = await model.step(
      rows.map((row) => row.parent),
      rows.map((row) => row.tokens[row.tokens.length - 1]!),
      wanted(step + 1),
    );
  }
  return rows
    .map((row) => ({
      tokens: keepStop ? row.tokens.slice(0, row.length) : visible(row.tokens, row.length, stopToken),
      logProb: row.sum,
      score: row.sum / row.length,
      trail: () => trailOf(row.chosen, input),
    }))
    .sort((a, b) => b.score - a.score)
    .map((found) => ({ ...found, caption: input.text.decode(found.tokens) }));
}

type Row = { tokens: number[]; sum: number; length: number; stopped: boolean; parent: number; chosen?: Chosen };

/**
 * What a row may go on with: its `beam` likeliest tokens, the forced one, or token 0 for nothing once it has stopped.
 */
function proposals(
  output: StepOutput,
  row: number,
  stopped: boolean,
  forced: number | undefined,
  beam: number,
): { id: number; logProb: number }[] {
  if (stopped) return [{ id: 0, logProb: 0 }];
  const at = (i: number) => ({ id: output.ids[row * output.k + i]!, logProb: output.logProbs[row * output.k + i]! });
  if (forced === undefined) return Array.from({ length: beam }, (_, i) => at(i));
  for (let i = 0; i < output.k; i++) if (output.ids[row * output.k + i] === forced) return [at(i)];
  return [];
}

/** The tokens that count: cut to the row's length, the stop token left out. */
function visible(tokens: readonly number[], length: number, stopToken: number): number[] {
  return tokens.slice(0, length).filter((token) => token !== stopToken);
}
