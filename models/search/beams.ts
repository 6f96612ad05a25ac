import type { Alternative, BeamState } from '../events';
import type { SearchInput, StepEvent, StepOutput } from './types';

/** A live hypothesis: its tokens and the sum of their natural-log probabilities. */
export type Beam = { tokens: number[]; logProb: number; /** Row of the step that led here. */ parent: number };

/** score = logProb / length^alpha (Wu et al. 2016 without the constant 5); the end token counts as a position. */
export function lengthNormalised(logProb: number, length: number, alpha: number): number {
  return alpha === 0 ? logProb : logProb / Math.max(1, length) ** alpha;
}

/** The best next tokens of one row. */
export function alternativesOf(output: StepOutput, row: number, input: SearchInput): Alternative[] {
  return Array.from({ length: Math.min(input.alternatives, output.k) }, (_, i) => {
    const id = output.ids[row * output.k + i]!;
    return { id, text: input.text.token(id), logProb: output.logProbs[row * output.k + i]! };
  });
}

/** The step event of a beam search; `best` is the beam that leads. */
export function stepEvent(input: SearchInput, step: number, output: StepOutput, best: Beam, beams: BeamState[]): StepEvent {
  const row = best.parent;
  const token = best.tokens[best.tokens.length - 1]!;
  const at = Array.from({ length: output.k }, (_, i) => i).find((i) => output.ids[row * output.k + i] === token);
  return {
    type: 'step',
    lane: input.lane,
    step,
    token,
    text: input.text.token(token),
    logProb: at === undefined ? -Infinity : output.logProbs[row * output.k + at]!,
    entropy: output.entropy[row]!,
    alternatives: alternativesOf(output, row, input),
    beams,
    partial: input.text.decode(best.tokens),
  };
}
