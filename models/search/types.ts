/** What every search walks: a model that proposes next tokens for a batch of rows with a key/value cache. */
export interface StepOutput {
  /** [rows, k] natural-log probabilities, best first. */
  logProbs: Float32Array;
  /** [rows, k] token ids. */
  ids: Int32Array;
  k: number;
  rows: number;
  /** [rows] entropy in nats, if the graph has that output. */
  entropy?: Float32Array;
  /** [rows, width] last hidden state after the final layer norm, when asked for (MAGIC). */
  hidden?: Float32Array;
}

export interface StepModel {
  readonly vocabulary: number;
  readonly endToken: number;
  /** Positions left for new tokens after the prompt. */
  readonly maxNewTokens: number;
  /** Runs the prompt (one row). Starts a fresh state; a former state is disposed. */
  prefill(options: StepRequest): Promise<StepOutput>;
  /**
   * Row r of the new batch continues row `parents[r]` of the old one with `tokens[r]`. The cache is re-ordered inside the
   * graph; `parents` may repeat and may be longer or shorter than the old batch.
   */
  step(parents: Int32Array, tokens: Int32Array, options: StepRequest): Promise<StepOutput>;
  dispose(): void;
}
export type StepRequest = { k: number; temperature?: number; hidden?: boolean; signal?: AbortSignal };
