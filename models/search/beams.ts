import type { Alternative, BeamState, DroppedBeam, TokenChoice } from '../events';
import type { SearchInput, StepEvent, StepOutput } from './types';

/**
 * A token as it was chosen: where its step's output lies, and the choice before it. Written out only for the caption
 * that wins.
 */
export type Chosen = {
  token: number;
  logProb: number;
  output: StepOutput;
  row: number;
  forced: boolean;
  before?: Chosen;
};

/** A live hypothesis: its tokens and the sum of their natural-log probabilities. */
export type Beam = {
  tokens: number[];
  logProb: number;
  /** Row of the step that led here. */ parent: number;
  chosen?: Chosen;
};

/** A hypothesis as a step tells of it. */
type Told = Beam & { score: number; similarity?: number };

/** Of what was weighed and not kept, this many are told. */
const toldDropped = 12;

/** Events are kept: four decimals tell all that a view can show. */
const short = (x: number) => Math.round(x * 1e4) / 1e4;

/** score = logProb / length^alpha (Wu et al. 2016 without the constant 5); the end token counts as a position. */
export function lengthNormalised(logProb: number, length: number, alpha: number): number {
  return alpha === 0 ? logProb : logProb / Math.max(1, length) ** alpha;
}

/** The best next tokens of one row. */
export function alternativesOf(output: StepOutput, row: number, input: SearchInput): Alternative[] {
  return Array.from({ length: Math.min(input.alternatives, output.k) }, (_, i) => {
    const id = output.ids[row * output.k + i]!;
    return { id, text: input.text.token(id), logProb: short(output.logProbs[row * output.k + i]!) };
  });
}

/** How the tokens of a hypothesis were chosen, first to last. */
export function trailOf(last: Chosen | undefined, input: SearchInput): TokenChoice[] {
  const trail: TokenChoice[] = [];
  for (let at = last; at; at = at.before) {
    const { token, logProb, output, row, forced } = at;
    trail.push({
      id: token,
      text: input.text.token(token),
      logProb: short(logProb),
      entropy: short(output.entropy[row]!),
      alternatives: alternativesOf(output, row, input),
      ...(forced ? { forced } : {}),
    });
  }
  return trail.reverse();
}

/**
 * What happened in a step: `live` go on, `ended` took the end token, `dropped` were weighed and not kept (best first).
 */
export type StepReport = {
  live: readonly Told[];
  ended: readonly Told[];
  dropped: readonly Told[];
  leader: Told;
  pass?: number;
};

/** The step event of a search over tokens. */
export function stepEvent(
  input: SearchInput,
  step: number,
  output: StepOutput,
  { live, ended, dropped, leader, pass }: StepReport,
): StepEvent {
  const state = (beam: Told): DroppedBeam => {
    const token = beam.tokens[beam.tokens.length - 1]!;
    return {
      parent: beam.parent,
      token,
      text: input.text.token(token),
      logProb: short(beam.logProb),
      score: short(beam.score),
      ...(beam.similarity === undefined ? {} : { similarity: short(beam.similarity) }),
    };
  };
  // A row that has stopped keeps the choice that stopped it.
  const rowOf = ({ chosen, parent }: Told) => (chosen?.output === output ? chosen.row : parent);
  const shown = [...live, ...ended];
  const beams = shown.map((beam, i): BeamState => ({
    ...state(beam),
    finished: i >= live.length,
    entropy: short(output.entropy[rowOf(beam)]!),
  }));
  const at = shown.indexOf(leader);
  const token = leader.tokens[leader.tokens.length - 1]!;
  const row = rowOf(leader);
  return {
    type: 'step',
    lane: input.lane,
    step,
    token,
    text: input.text.token(token),
    logProb: leader.chosen?.output === output ? short(leader.chosen.logProb) : 0,
    entropy: short(output.entropy[row]!),
    alternatives: alternativesOf(output, row, input),
    beams,
    ...(at >= 0 ? { leader: at } : {}),
    ...(dropped.length ? { dropped: dropped.slice(0, toldDropped).map(state) } : {}),
    weighed: shown.length + dropped.length,
    ...(pass === undefined ? {} : { pass }),
    partial: input.text.decode(leader.tokens),
    ...(leader.similarity === undefined ? {} : { similarity: short(leader.similarity) }),
  };
}
