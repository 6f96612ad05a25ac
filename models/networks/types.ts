import type { DeviceName, Precision } from '../runtime/types';

/** A checkpoint tensor, widened to fp32. */
export type WeightTensor = { dims: readonly number[]; values: Float32Array };
/** Read access to a checkpoint under its own key names. `get` throws `weights-invalid` and names the missing key. */
export interface WeightMap {
  has(name: string): boolean;
  get(name: string): WeightTensor;
  names(): readonly string[];
}

export type GraphOptions = {
  precision: Precision;
  device: DeviceName;
  /** At 8 bit: activations are rounded row by row and multiplied as integers, where a CPU does so exactly. */
  integers?: boolean;
};
export type Activation = 'gelu' | 'gelu-tanh' | 'quick-gelu' | 'relu';

/**
 * A GPT-style language model as one step graph (`gpt.ts`: `buildGpt(config, weights, options): Uint8Array`).
 * Inputs  (B rows, P prefix slots, S ids, T = P + S new positions, L past positions):
 *   prefix_embeds float32 [B,P,D] and input_ids int64 [B,S]  (either may have length 0; concatenated in that order)
 *   position_ids int64 [T] · beam_index int64 [B] (row of the past that each new row continues; re-orders inside the
 * graph)
 *   past_key.{l} / past_value.{l} float32|float16 [B0,H,L,D/H] (L = 0 for a prefill)
 *   attention_bias float32 [1,1,T,L+T], added to the scores: which of the past and of the new each new position sees
 *   (only where the device's operator takes one; causal elsewhere)
 *   told_tokens int64 [R] (places among the B·T new positions, row by row, whose next token is asked for) · head_rows
 *   int64 [H] (those of the R whose distributions are told)
 *   seqlens_k int32 [B] = L+T-1 · total_sequence_length int32 [] = L+T   (only where the attention operator wants them)
 *   k int64 [1] · temperature float32 [1]
 * Outputs: top_log_probs float32 [H,k] · top_ids int64 [H,k] · entropy float32 [H] · last_hidden float32 [R,D] (after
 * ln_f) · present_key.{l} / present_value.{l} [B,H,L+T,D/H].
 * A graph for the CPU leaves its cache where it lies (runtime/held-session.ts makes it the contract above):
 *   past_key.{l} / past_value.{l} [B,H,C,D/H], of whose C positions the bias [1,1,T,C+T] hides what is none
 *   no beam_index
 *   new_key.{l} / new_value.{l} [B,H,T,D/H] in place of present_key.{l} / present_value.{l}
 * A caller asks a session which inputs it has (`session.inputs`), so operators may differ by device.
 */
export type GptConfig = {
  layers: number;
  heads: number;
  width: number;
  vocabulary: number;
  positions: number;
  activation: Activation;
  epsilon: number;
  /**
   * Where the tensors live in the weight map, e.g. names.block(0, 'attn.qkv.weight') → 'lm.blocks.0.attn.qkv.weight'.
   */
  keys: GptKeys;
};
export type GptKeys = {
  tokenEmbedding: string;
  positionEmbedding: string;
  block: (layer: number, part: BlockPart) => string;
  finalNorm: { weight: string; bias: string };
  /** GPT-2's Conv1D stores [in, out]; Linear stores [out, in]. */
  layout: 'linear' | 'conv1d';
};
export type BlockPart =
  | `ln_1.${'weight' | 'bias'}`
  | `ln_2.${'weight' | 'bias'}`
  | `attn.qkv.${'weight' | 'bias'}`
  | `attn.out.${'weight' | 'bias'}`
  | `mlp.fc.${'weight' | 'bias'}`
  | `mlp.proj.${'weight' | 'bias'}`;
