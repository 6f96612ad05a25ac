import { buildGpt, type GptVariant } from '../networks/gpt';
import { gpt2, gpt2Small } from '../networks/published-keys';
import { causalBias } from '../spaces/attention-bias';
import { emptyCache } from '../spaces/space';
import type { Precision, Runtime, Session, Tensor } from '../runtime/types';
import { timed } from './timing';
import { gpt2Shapes, randomWeights } from './random-weights';

const { layers, heads, width, vocabulary } = gpt2Small;
const headSize = width / heads;
export const promptTokens = 10;
const cacheNames = Array.from({ length: layers }, (_, l) => [`present_key.${l}`, `present_value.${l}`]).flat();
const weightsInProducts = layers * 12 * width * width + vocabulary * width;

/** What is compared. `plain` is what a generic export does: elementary operators, all logits leave the graph. */
export const gptVariants = {
  plainFp32: { precision: 'fp32', variant: { attention: 'plain', allLogits: true } },
  fusedFp32: { precision: 'fp32', variant: {} },
  fusedFp16: { precision: 'fp16', variant: {} },
  q8: { precision: 'q8', variant: {} },
} as const satisfies Record<string, { precision: Precision; variant: GptVariant }>;
export type GptVariantName = keyof typeof gptVariants;

/**
 * Bytes of weights that one step must read: every matrix once (8 bit: one byte a weight and a scale of four bytes for
 * each 64).
 */
export function stepBytes(name: GptVariantName): number {
  return weightsInProducts * (gptVariants[name].precision === 'q8' ? 1 + 4 / 64 : 4);
}

/** GPT-2 124M with random weights. */
export async function loadGpt(
  runtime: Runtime,
  name: GptVariantName,
): Promise<{ session: Session; buildMs: number; loadMs: number; megabytes: number }> {
  const { precision, variant } = gptVariants[name];
  const weights = randomWeights(gpt2Shapes(gpt2Small));
  const device = runtime.device.name;
  const built = await timed(() => buildGpt(gpt2(gpt2Small), weights, { precision, device }, variant));
  const loaded = await timed(() => runtime.load(built.result, { name, keepOnDevice: cacheNames }));
  return { session: loaded.result, buildMs: built.ms, loadMs: loaded.ms, megabytes: built.result.byteLength / 1e6 };
}

const beamsOf = (rows: number) => Array.from({ length: rows }, (_, row) => row);

export type Steps = { prefillMs: number; stepMs: number[] };

/** A prefill of one row and `count` steps of `rows` beams that change places every time. */
export async function runSteps(runtime: Runtime, session: Session, rows: number, count: number): Promise<Steps> {
  let cache: Record<string, Tensor> = {};
  for (let l = 0; l < layers; l++)
    for (const part of ['key', 'value'])
      cache[`past_${part}.${l}`] = emptyCache(runtime, session, [1, heads, 0, headSize]);
  let length = 0;
  const advance = async (tokens: number[][], parents: number[]): Promise<number> => {
    const fresh = tokens[0]!.length;
    const total = length + fresh;
    const batch = tokens.length;
    const long = (values: number[], dims: number[]) =>
      runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
    const offered: Record<string, Tensor> = {
      prefix_embeds: runtime.tensor('float32', new Float32Array(0), [batch, 0, width]),
      input_ids: long(tokens.flat(), [batch, fresh]),
      position_ids: long(
        Array.from({ length: fresh }, (_, i) => length + i),
        [fresh],
      ),
      attention_bias: runtime.tensor('float32', causalBias(length, fresh), [1, 1, fresh, total]),
      told_tokens: long(
        beamsOf(batch).map((row) => row * fresh + fresh - 1),
        [batch],
      ),
      head_rows: long(beamsOf(batch), [batch]),
      beam_index: long(parents, [batch]),
      seqlens_k: runtime.tensor('int32', new Int32Array(batch).fill(total - 1), [batch]),
      total_sequence_length: runtime.tensor('int32', Int32Array.of(total), []),
      k: long([8], [1]),
      temperature: runtime.tensor('float32', Float32Array.of(1), [1]),
    };
    const feeds = {
      ...Object.fromEntries(session.inputs.flatMap((name) => (offered[name] ? [[name, offered[name]]] : []))),
      ...cache,
    };
    const { result, ms } = await timed(async () => {
      const outputs = await session.run(feeds);
      // A GPU has only been told what to do until something is read.
      await (outputs.top_log_probs ?? outputs.logits)!.read();
      return outputs;
    });
    for (const tensor of Object.values(feeds)) tensor.dispose();
    for (const [name, tensor] of Object.entries(offered)) if (!(name in feeds)) tensor.dispose();
    cache = {};
    for (const [name, tensor] of Object.entries(result)) {
      if (name.startsWith('present_')) cache[name.replace('present', 'past')] = tensor;
      else tensor.dispose();
    }
    length = total;
    return ms;
  };
  const prefillMs = await advance([Array.from({ length: promptTokens }, (_, i) => 31 * i + 5)], [0]);
  const beams = beamsOf(rows);
  await advance(
    beams.map((row) => [97 * row + 11]),
    beams.map(() => 0),
  ); // from one row to all beams: not counted
  const stepMs: number[] = [];
  for (let i = 0; i < count; i++)
    stepMs.push(
      await advance(
        beams.map((row) => [89 * row + 13 * i]),
        beams.map((row) => (row + 1) % rows),
      ),
    );
  for (const tensor of Object.values(cache)) tensor.dispose();
  return { prefillMs, stepMs };
}
