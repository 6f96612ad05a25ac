import { StudioError } from '../../errors';
import type { WeightMap, WeightTensor } from '../types';

// The twin of generator.py: both make the same numbers from a name, so a golden file holds a network's outputs only.

/** [name, dims, mean, standard deviation] */
type TensorRow = [string, number[], number, number];
export type Packed = { dims: number[]; values: string };
export type Trace = {
  seed: number;
  deviations: Record<string, number>;
  stop: number;
  start: number[];
  temperature: number;
  beams: number;
  greedy: { tokens: number[]; logProbs: number[] };
  beam: {
    steps: { parents: number[]; tokens: number[]; logProbs: number[] }[];
    finished: { tokens: number[]; logProb: number }[];
  };
};
export type Golden = {
  config: Record<string, number>;
  seed: number;
  tensors: TensorRow[];
  ids?: number[][];
  end?: number[];
  temperature?: number;
  trace?: Trace;
  outputs: Record<string, Packed>;
};

/** `count` numbers in [-1, 1) that belong to a name. */
export function uniform(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193) >>> 0;
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let h = (Math.imul(i, 0x9e3779b1) + seed) >>> 0;
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
    out[i] = (h >>> 0) / 2 ** 31 - 1;
  }
  return out;
}

/** Uniform fp32 numbers of a mean and a standard deviation. */
export function numbers(
  name: string,
  dims: readonly number[],
  mean: number,
  deviation: number,
  seed = 0,
): Float32Array {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return Float32Array.from(uniform(`${seed}/${name}`, count), (u) => mean + deviation * Math.sqrt(3) * u);
}

/** The weights of a golden file; `change` may spoil a tensor, to show that the check notices. */
export function goldenWeights(
  golden: Pick<Golden, 'tensors' | 'seed'>,
  options: { deviations?: Record<string, number>; change?: (name: string, tensor: WeightTensor) => WeightTensor } = {},
): WeightMap {
  const rows = new Map(golden.tensors.map((row) => [row[0], row]));
  return {
    has: (name) => rows.has(name),
    names: () => [...rows.keys()],
    get: (name) => {
      const row = rows.get(name);
      if (!row) throw new StudioError('weights-invalid', `The golden file has no tensor ${name}.`);
      const [, dims, mean, deviation] = row;
      const tensor = { dims, values: numbers(name, dims, mean, options.deviations?.[name] ?? deviation, golden.seed) };
      return options.change ? options.change(name, tensor) : tensor;
    },
  };
}

/** Values of a stored output: fp32, or int64 narrowed to numbers. */
export function unpack(packed: Packed): number[] {
  const bytes = Uint8Array.from(atob(packed.values), (character) => character.charCodeAt(0));
  const count = packed.dims.reduce((product, dim) => product * dim, 1);
  return bytes.length === 8 * count
    ? Array.from(new BigInt64Array(bytes.buffer), Number)
    : Array.from(new Float32Array(bytes.buffer));
}

/** Largest difference over the largest absolute expected value. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i]! - expected[i]!);
    if (!(d <= difference)) difference = d; // also when d is NaN
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / largest;
}
