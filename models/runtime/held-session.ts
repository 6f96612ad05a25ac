import type { FloatPool } from './float-pool';
import { Held, heldRows, HeldTensor } from './held-cache';
import type { Runtime, Session, Tensor } from './types';

/** Added to the scores of positions that memory has room for and that are none: their weight is exactly zero. */
const forbidden = -30_000;

/** What an output of such a graph is called to those who run it. */
export const present = (name: string) => name.replace(/^new_/, 'present_');
const fresh = (name: string) => name.replace(/^present_/, 'new_');

/** Whether a graph attends to its cache where it lies (`held` in models/networks/attention.ts). */
export const leavesCache = (session: Session): boolean => session.outputs.includes('new_key.0');

/**
 * A step graph that leaves its cache where it lies, as one that takes `past_key.{l}` with `beam_index` and gives
 * `present_key.{l}`: what a step adds is written behind what there is. Rows that change places are copied, and all
 * where somebody still needs what would be written over.
 */
export function heldSession(session: Session, runtime: Pick<Runtime, 'tensor'>, pool: FloatPool): Session {
  const caches = session.inputs.filter((name) => name.startsWith('past_'));
  const biases = session.inputs.filter((name) => /^(attention_bias|attention_mask|causal_bias)$/.test(name));
  return {
    inputs: [...session.inputs.filter((name) => name !== 'causal_bias'), 'beam_index'],
    outputs: session.outputs.map(present),
    inputType: (name) => (name === 'beam_index' ? 'int64' : session.inputType(name)),
    release: () => session.release(),
    run: async ({ beam_index: index, ...feeds }, fetches) => {
      const parents = Array.from((await index!.read()) as BigInt64Array, Number);
      const [, heads = 1, before = 0, size = 1] = feeds[caches[0]!]!.dims;
      const count = feeds.position_ids!.dims[0]!;
      const held = new Map<string, Held>();
      const made: Tensor[] = [];
      const tensor = (data: Float32Array, dims: readonly number[]) => {
        const one = runtime.tensor('float32', data, dims);
        made.push(one);
        return one;
      };
      try {
        const given: Record<string, Tensor> = { ...feeds };
        if (before) for (const name of caches) held.set(name, await heldRows(feeds[name]!, parents, pool));
        const room = held.get(caches[0]!)?.room ?? 0;
        const values = parents.length * heads * room * size;
        for (const name of caches)
          given[name] = tensor(held.get(name)?.data.subarray(0, values) ?? nothing, [
            parents.length,
            heads,
            room,
            size,
          ]);
        for (const name of biases) {
          const told = feeds[name];
          const [batch = 1, , , total = 0] = told?.dims ?? [1, 1, count, before + count];
          const bias = told ? ((await told.read()) as Float32Array) : causal(before, count);
          given[name] = tensor(widened(bias, total, before, room), [batch, 1, count, room + count]);
        }
        const outputs = await session.run(given, fetches?.map(fresh));
        for (const [name, output] of Object.entries(outputs)) {
          if (!name.startsWith('new_')) continue;
          outputs[present(name)] = await grown(held.get(name.replace('new', 'past')), output, before, pool);
          output.dispose();
          delete outputs[name];
        }
        return outputs;
      } finally {
        for (const one of made) one.dispose();
        for (const memory of held.values()) memory.tidy();
      }
    },
  };
}

/** A cache with what a run gave behind it. */
async function grown(held: Held | undefined, output: Tensor, before: number, pool: FloatPool): Promise<HeldTensor> {
  const [rows = 1, heads = 1, count = 0, size = 1] = output.dims;
  const target = held?.withRoom(rows, before, before + count) ?? new Held(pool, rows, heads, before + count, size);
  target.append((await output.read()) as Float32Array, before, count);
  return new HeldTensor(target, rows, before + count);
}

const nothing = new Float32Array(0);

/** A new position sees all before and itself: [1, 1, count, before + count]. */
function causal(before: number, count: number): Float32Array {
  const total = before + count;
  const bias = new Float32Array(count * total);
  for (let row = 0; row < count; row++) bias.fill(forbidden, row * total + before + row + 1, (row + 1) * total);
  return bias;
}

/** Each row of a bias with what room there is behind its first `before` positions, which nobody sees. */
function widened(bias: Float32Array, total: number, before: number, room: number): Float32Array {
  if (room === before) return bias;
  const wide = total + room - before;
  const out = new Float32Array((bias.length / total) * wide);
  for (let from = 0, to = 0; from < bias.length; from += total, to += wide) {
    out.set(bias.subarray(from, from + before), to);
    out.fill(forbidden, to + before, to + room);
    out.set(bias.subarray(from + before, from + total), to + room);
  }
  return out;
}
