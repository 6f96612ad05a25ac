import type { EventOf, Hypothesis, TokenChoice } from '../events';

/** What every search walks: a model that proposes next tokens for a batch of rows with a key/value cache. */
export interface StepModel {
  readonly vocabulary: number;
  readonly endToken: number;
  /** Positions left for new tokens after the prompt. */
  readonly maxNewTokens: number;
  /** Runs the prompt (one row) and starts a fresh state; a former one is disposed. @throws cancelled */
  prefill(request: StepRequest): Promise<StepOutput>;
  /**
   * Row r of the new batch continues row `parents[r]` of the old one with `tokens[r]`. The cache is re-ordered inside
   * the graph;
   * `parents` may repeat, and may be more or fewer than the old rows. @throws cancelled
   */
  step(parents: readonly number[], tokens: readonly number[], request: StepRequest): Promise<StepOutput>;
  /**
   * What the last step left out: `rows` of it are stepped once more, with their distributions, and are the batch from
   * then on. Only after a step that
   * asked for `headRows`. @throws cancelled
   */
  again(rows: readonly number[], request: StepRequest): Promise<StepOutput>;
  dispose(): void;
}
/**
 * `k` best tokens a row; `hidden`: also the last hidden states; `headRows`: next tokens of these rows alone (the
 * language model's head is a third of a step's work, and more with its softmax over the vocabulary). `rivals`: all
 * continue the same row and only one of them will go on, so that one cache serves all: the next step's parents are one
 * row.
 */
export type StepRequest = {
  k: number;
  temperature?: number;
  hidden?: boolean;
  headRows?: readonly number[];
  rivals?: boolean;
};

export interface StepOutput {
  /** Of the batch, or the number of `headRows`. */
  rows: number;
  k: number;
  /** [rows, k] natural-log probabilities, best first. */
  logProbs: Float32Array;
  /** [rows, k] token ids. */
  ids: Int32Array;
  /** [rows] entropy in nats. */
  entropy: Float32Array;
  /** [rows] the likeliest token's logit, where the graph tells it: others' are less by the difference of logProbs. */
  largestLogit?: Float32Array;
  /** [batch, width] last hidden state of every row after the final layer norm, when asked for. */
  hidden?: Float32Array;
}

/** What every search shares. */
export type SearchInput = {
  model: StepModel;
  /** Words of token ids (models/spaces/tokenizer.ts). */
  text: { decode(ids: readonly number[]): string; token(id: number): string };
  /** Cosine of captions to the input; used by guided searches and to score what is found. */
  similarity(captions: readonly string[]): Promise<number[]>;
  maxTokens: number;
  /** Alternatives listed with each step. */
  alternatives: number;
  /** Tokens that the caption must begin with (a branch from an alternative). */
  forcedTokens?: readonly number[];
  lane: string;
};

/** A finished row of a search before its cosine is known. `trail` writes out how its tokens were chosen. */
export type Found = Omit<Hypothesis, 'similarity'> & { trail?: () => TokenChoice[] };
export type StepEvent = EventOf<'step'>;
/** A search yields its steps and returns what it found, best first. */
export type Search = AsyncGenerator<StepEvent, Found[], void>;
