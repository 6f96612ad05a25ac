import type { Runtime, Session, Tensor } from '../../../models/runtime/types';
import { causalBias } from '../../../models/spaces/attention-bias';
import { paddingMaskFeed } from '../../../models/spaces/padding-mask';
import { emptyCache } from '../../../models/spaces/space';

type Shape = { layers: number; heads: number; width: number };
/** `prefix` [rows, slots, width] and then `ids`, as many in every row; `constants` are fed to every run. */
export type Prompt = { prefix?: Float32Array; ids: readonly (readonly number[])[]; constants?: Record<string, Tensor> };
export type Walked = {
  tokens: number[][];
  /** [rows] of the first step: the best log-probability of each. */
  logProbs: Float32Array;
  stepsMs: number;
};

/** Greedy decoding of many rows at once, `count` tokens each; ends end nothing. */
export async function greedy(
  runtime: Runtime,
  session: Session,
  { layers, heads, width }: Shape,
  { prefix = new Float32Array(0), ids, constants = {} }: Prompt,
  count: number,
): Promise<Walked> {
  const rows = ids.length;
  const each = Array.from({ length: rows }, (_, row) => row);
  const long = (values: readonly number[], dims: readonly number[] = [values.length]) =>
    runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
  let cache: Record<string, Tensor> = {};
  for (let layer = 0; layer < layers; layer++)
    for (const part of ['key', 'value'])
      cache[`past_${part}.${layer}`] = emptyCache(runtime, session, [1, heads, 0, width / heads]);
  let length = 0;
  const all: number[][] = ids.map((row) => [...row]);
  const advance = async (fresh: readonly (readonly number[])[], slots: Float32Array) => {
    const places = slots.length / width / rows;
    const count = places + fresh[0]!.length;
    const total = length + count;
    const offered: Record<string, () => Tensor> = {
      prefix_embeds: () => runtime.tensor('float32', slots, [rows, places, width]),
      input_ids: () => long(fresh.flat(), [rows, fresh[0]!.length]),
      position_ids: () => long(Array.from({ length: count }, (_, i) => length + i)),
      attention_bias: () => runtime.tensor('float32', causalBias(length, count), [1, 1, count, total]),
      told_tokens: () => long(each.map((row) => (row + 1) * count - 1)),
      head_rows: () => long(each),
      beam_index: () => long(each.map((row) => (length ? row : 0))),
      seqlens_k: () => runtime.tensor('int32', new Int32Array(rows).fill(total - 1), [rows]),
      total_sequence_length: () => runtime.tensor('int32', Int32Array.of(total), []),
      photo_rows: () => long([constants['cross_key.0']!.dims[0]!, -1, width]),
      k: () => long([1]),
      temperature: () => runtime.tensor('float32', Float32Array.of(1), [1]),
    };
    const made: Record<string, Tensor> = paddingMaskFeed(session, runtime, () => all, count);
    for (const [name, make] of Object.entries(offered)) if (session.inputs.includes(name)) made[name] = make();
    const outputs = await session.run({ ...made, ...cache, ...constants });
    for (const tensor of [...Object.values(made), ...Object.values(cache)]) tensor.dispose();
    const best = Array.from((await outputs.top_ids!.read()) as BigInt64Array, Number);
    const logProbs = Float32Array.from((await outputs.top_log_probs!.read()) as Float32Array);
    cache = {};
    for (const [name, tensor] of Object.entries(outputs))
      if (name.startsWith('present_')) cache[name.replace('present', 'past')] = tensor;
      else tensor.dispose();
    length = total;
    best.forEach((token, row) => all[row]!.push(token));
    return { best, logProbs };
  };
  let { best, logProbs } = await advance(ids, prefix);
  const first = logProbs;
  const start = performance.now();
  for (let n = 1; n < count; n++)
    ({ best, logProbs } = await advance(
      best.map((token) => [token]),
      new Float32Array(0),
    ));
  const stepsMs = performance.now() - start;
  for (const tensor of Object.values(cache)) tensor.dispose();
  return { tokens: all.map((row) => row.slice(-count)), logProbs: first, stepsMs };
}
