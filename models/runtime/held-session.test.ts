import { expect, it } from 'vitest';
import { FloatPool } from './float-pool';
import { heldSession } from './held-session';
import type { Session, Tensor, TensorData } from './types';

const [heads, size] = [2, 3];

/** A tensor of the host, as a runtime has it. */
function host(values: TensorData, dims: readonly number[], type: Tensor['type'] = 'float32'): Tensor {
  return { type, dims, read: async () => values, dispose: () => undefined };
}
const long = (values: readonly number[]) => host(BigInt64Array.from(values, BigInt), [values.length], 'int64');
const empty = () => host(new Float32Array(0), [1, heads, 0, size]);
/** A token whose key is no number. */
const broken = 77;
/** What a token leaves in a cache, by head. */
const mark = (token: number, head: number) => (token === broken ? NaN : token + head / 10);

/** A graph that leaves its cache, told what it sees; keys and values are of the tokens themselves. */
function graph() {
  const seen = { texts: [] as number[][], memory: new Set<ArrayBufferLike>(), hidden: new Set<number>() };
  const session: Session = {
    inputs: ['input_ids', 'position_ids', 'causal_bias', 'past_key.0'],
    outputs: ['new_key.0', 'top_ids'],
    inputType: () => 'float32',
    release: async () => undefined,
    run: async (feeds) => {
      const [rows, count] = feeds.input_ids!.dims as [number, number];
      const ids = Array.from((await feeds.input_ids!.read()) as BigInt64Array, Number);
      const past = (await feeds['past_key.0']!.read()) as Float32Array;
      const room = feeds['past_key.0']!.dims[2]!;
      const bias = (await feeds.causal_bias!.read()) as Float32Array;
      expect(feeds['past_key.0']!.dims).toEqual([rows, heads, room, size]);
      expect(feeds.causal_bias!.dims).toEqual([1, 1, count, room + count]);
      if (past.length) seen.memory.add(past.buffer);
      // The last new token sees all that is not masked, the first none of the new ones behind it.
      for (let i = 1; i < count; i++) expect(bias[room + i]).toBeLessThan(-1_000);
      seen.texts = Array.from({ length: rows }, (_, row) => {
        const text: number[] = [];
        for (let at = 0; at < room; at++) {
          const value = past[(row * heads * room + at) * size]!;
          if (bias[(count - 1) * (room + count) + at] === 0) text.push(value);
          else seen.hidden.add(value);
          const other = past[((row * heads + 1) * room + at) * size]!;
          if (bias[at] === 0) expect(other).toBeCloseTo(mark(value, 1), 4);
        }
        return [...text, ...ids.slice(row * count, (row + 1) * count)];
      });
      const fresh = new Float32Array(rows * heads * count * size);
      for (let row = 0; row < rows; row++)
        for (let head = 0; head < heads; head++)
          for (let i = 0; i < count; i++)
            fresh.fill(mark(ids[row * count + i]!, head), ((row * heads + head) * count + i) * size);
      return { 'new_key.0': host(fresh, [rows, heads, count, size]), top_ids: long([1]) };
    },
  };
  return { session, seen };
}

function opened() {
  const { session, seen } = graph();
  const pool = new FloatPool();
  const held = heldSession(
    session,
    { tensor: (type: Tensor['type'], data: TensorData, dims: readonly number[]) => host(data, dims, type) } as never,
    pool,
  );
  const step = async (
    past: Tensor,
    texts: readonly (readonly number[])[],
    parents: readonly number[],
    spent: boolean,
  ) => {
    const count = texts[0]!.length;
    const length = past.dims[2]!;
    if (spent) past.spend?.();
    const outputs = await held.run({
      input_ids: host(BigInt64Array.from(texts.flat(), BigInt), [texts.length, count], 'int64'),
      position_ids: long(Array.from({ length: count }, (_, i) => length + i)),
      beam_index: long(parents),
      'past_key.0': past,
    });
    if (spent) past.dispose();
    expect(Object.keys(outputs).sort()).toEqual(['present_key.0', 'top_ids']);
    return outputs['present_key.0']!;
  };
  return { held, pool, seen, step };
}

/** The texts that a cache is of. */
async function textsOf(cache: Tensor): Promise<number[][]> {
  const values = (await cache.read()) as Float32Array;
  const [rows = 0, , length = 0] = cache.dims;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length }, (_unused, at) => values[(row * heads * length + at) * size]!),
  );
}

it('looks like a graph that takes beam_index and gives its cache', () => {
  const { held } = opened();
  expect(held.inputs).toEqual(['input_ids', 'position_ids', 'past_key.0', 'beam_index']);
  expect(held.outputs).toEqual(['present_key.0', 'top_ids']);
  expect(held.inputType('beam_index')).toBe('int64');
});

it('shows every row what its parent was, whoever else still needs the past, over 60 random walks', async () => {
  let state = 7;
  const random = (n: number) => (state = (state * 48271) % 2147483647) % n;
  for (let walk = 0; walk < 60; walk++) {
    const { pool, seen, step } = opened();
    const first = 1 + random(11);
    const begin = Array.from({ length: 1 + random(6) }, () => Array.from({ length: first }, () => 1 + random(70)));
    let texts: number[][] = begin;
    let cache = await step(
      empty(),
      begin,
      begin.map(() => 0),
      true,
    );
    const kept: { cache: Tensor; texts: number[][] }[] = [];
    for (let n = 0; n < 20; n++) {
      const rows = random(4) ? texts.length : 1 + random(7);
      const shuffled = random(3) === 0;
      const parents = Array.from({ length: rows }, (_, row) =>
        shuffled || row >= texts.length ? random(texts.length) : row,
      );
      const count = random(5) ? 1 : 1 + random(12);
      const fresh = parents.map(() => Array.from({ length: count }, () => 1 + random(70)));
      const next = parents.map((parent, row) => [...texts[parent]!, ...fresh[row]!]);
      const spent = random(4) > 0;
      if (!spent) kept.push({ cache, texts });
      cache = await step(cache, fresh, parents, spent);
      expect(seen.texts).toEqual(next);
      expect(await textsOf(cache)).toEqual(next);
      for (const old of kept) expect(await textsOf(old.cache)).toEqual(old.texts);
      texts = next;
      // Sometimes the search goes back, as where a step is made again.
      if (kept.length && random(5) === 0) {
        cache.dispose();
        ({ cache, texts } = kept.pop()!);
      }
    }
    for (const old of kept) old.cache.dispose();
    cache.dispose();
    expect(pool.taken).toBe(0);
  }
});

it('writes where the cache lies while rows stay as they are, and where they change places and nobody needs the past', async () => {
  const { seen, step, pool } = opened();
  const rows = [[1], [2], [3]];
  let cache = await step(empty(), rows, [0, 0, 0], true);
  cache = await step(cache, [[4], [5], [6]], [0, 1, 2], true);
  cache = await step(cache, [[7], [8], [9]], [2, 0, 1], true);
  cache = await step(cache, [[10], [11]], [1, 1], true);
  expect(seen.texts).toEqual([
    [1, 4, 8, 10],
    [1, 4, 8, 11],
  ]);
  expect(seen.memory.size).toBe(1);
  expect(pool.taken).toBe(1);
  cache.dispose();
});

it('never lets what is no number in one row, or in memory that was used before, come near another', async () => {
  const { seen, step, pool } = opened();
  const used = [32, 64, 128, 256, 512, 1_024].map((floats) => pool.take(floats).fill(NaN));
  for (const array of used) pool.give(array);
  let cache = await step(empty(), [[broken], [2]], [0, 0], true);
  for (let n = 0; n < 12; n++) cache = await step(cache, [[3]], [n ? 0 : 1], true);
  expect(seen.texts[0]!.length).toBe(13);
  expect([...seen.hidden]).toEqual([0]);
  cache.dispose();
});

it('lets two steps go on from one past, each with its own', async () => {
  const { step, pool } = opened();
  const past = await step(empty(), [[1], [2]], [0, 0], true);
  const one = await step(past, [[3], [4]], [0, 1], false);
  const other = await step(past, [[5], [6]], [0, 1], false);
  expect(await textsOf(one)).toEqual([
    [1, 3],
    [2, 4],
  ]);
  expect(await textsOf(other)).toEqual([
    [1, 5],
    [2, 6],
  ]);
  for (const cache of [past, one, other]) cache.dispose();
  expect(pool.taken).toBe(0);
});

it('refuses to read a cache that a run may have written over', async () => {
  const { step } = opened();
  const cache = await step(empty(), [[1]], [0], true);
  cache.spend!();
  await expect(cache.read()).rejects.toMatchObject({ code: 'internal' });
});
