import { StudioError } from '../errors';
import { randomNormal, type Random } from '../random';
import { type Embedding, unit } from './embedding';

/** Adds a vector of the space, e.g. a modality offset. The result is not normalised. */
export function offset(embedding: Embedding, by: Float32Array, scale = 1): Embedding {
  if (by.length !== embedding.values.length)
    throw new StudioError(
      'embedding-mismatch',
      `The offset has ${by.length} values, the ${embedding.space} embedding ${embedding.values.length}.`,
    );
  return { ...embedding, modality: 'mixed', state: 'raw', values: embedding.values.map((v, i) => v + scale * by[i]!) };
}

/**
 * Arithmetic of embeddings: the weighted sum of unit vectors, unit again ("this photo, less a dog, plus a cat" is
 * weights 1, -1, 1).
 * @throws embedding-mismatch when they are of different spaces, embedding-invalid when nothing is left
 */
export function combine(terms: readonly { embedding: Embedding; weight: number }[]): Embedding {
  const first = terms[0]?.embedding;
  if (!first)
    throw new StudioError('embedding-invalid', 'A sum of no embeddings has no direction. Give it at least one.');
  const values = new Float32Array(first.values.length);
  for (const { embedding, weight } of terms) {
    if (embedding.space !== first.space || embedding.values.length !== values.length)
      throw new StudioError(
        'embedding-mismatch',
        `Cannot add an embedding of ${embedding.space} (${embedding.values.length}) to one of ${first.space} (${values.length}): encode both in one space.`,
      );
    unit(embedding).values.forEach((v, i) => (values[i]! += weight * v));
  }
  const modality = terms.every(({ embedding }) => embedding.modality === first.modality) ? first.modality : 'mixed';
  return unit({ space: first.space, modality, state: 'raw', values });
}

/** CapDec's noise (arXiv 2211.00575): N(0, variance) on every component of the unit embedding, then unit again. */
export function noise(embedding: Embedding, variance: number, random: Random): Embedding {
  const start = unit(embedding);
  const deviation = Math.sqrt(variance);
  return unit({ ...start, values: start.values.map((v) => v + deviation * randomNormal(random)) });
}

export type MemoryMatch = { row: number; weight: number; cosine: number };
export type Projection = {
  embedding: Embedding;
  /** Cosine of the embedding before and after. */ moved: number;
  /** exp of the entropy of the weights. */ effectiveRows: number;
  top: MemoryMatch[];
};

/**
 * DeCap's projection (arXiv 2303.03032): softmax of cosine / temperature over the rows of a text memory, their weighted
 * sum, unit
 * norm. `memory` is [rows, dim] with unit rows. `repeats` [rows]: how often the list of texts holds each; the softmax
 * over the whole list is exactly this. `top`: the heaviest rows, heaviest first.
 */
export function projectOntoMemory(
  embedding: Embedding,
  memory: Float32Array,
  temperature: number,
  rows = memory.length / embedding.values.length,
  { repeats, topCount = 8 }: { repeats?: Float32Array; topCount?: number } = {},
): Projection {
  const dim = embedding.values.length;
  if (memory.length < rows * dim || rows < 1 || memory.length % dim)
    throw new StudioError(
      'embedding-mismatch',
      `The memory has ${memory.length / dim} rows of ${dim} values; ${rows} were asked for.`,
    );
  const query = unit(embedding).values;
  const cosines = new Float64Array(rows);
  let largest = -Infinity;
  for (let row = 0; row < rows; row++) {
    const dot = product(query, memory, row * dim);
    cosines[row] = dot;
    if (dot > largest) largest = dot;
  }
  const weights = cosines.map((c, row) => (repeats?.[row] ?? 1) * Math.exp((c - largest) / temperature));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const sum = new Float64Array(dim);
  let entropy = 0;
  const heavy: number[] = [];
  for (let row = 0; row < rows; row++) {
    const w = weights[row]! / total;
    if (w < 1e-12) continue;
    entropy -= w * Math.log(w);
    heavy.push(row);
  }
  // Four rows at a time, so that the sum is read and written a quarter as often.
  for (let n = 0; n < heavy.length; n += 4) {
    const at = [0, 1, 2, 3].map((i) => (heavy[n + i] ?? heavy[n]!) * dim) as [number, number, number, number];
    const w = [0, 1, 2, 3].map((i) => (n + i < heavy.length ? weights[heavy[n + i]!]! / total : 0));
    const [w0, w1, w2, w3] = w as [number, number, number, number];
    const [a, b, c, d] = at;
    for (let i = 0; i < dim; i++)
      sum[i]! += w0 * memory[a + i]! + w1 * memory[b + i]! + (w2 * memory[c + i]! + w3 * memory[d + i]!);
  }
  const projected = unit({ space: embedding.space, modality: 'text', state: 'raw', values: Float32Array.from(sum) });
  const moved = projected.values.reduce((dot, v, i) => dot + v * query[i]!, 0);
  const top = heaviest(weights, topCount).map((row) => ({
    row,
    weight: weights[row]! / total,
    cosine: cosines[row]!,
  }));
  return { embedding: projected, moved, effectiveRows: Math.exp(entropy), top };
}

/** Dot product with a row of a matrix; four sums side by side do not wait for one another. */
function product(query: Float32Array, rows: Float32Array, at: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = query.length - (query.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += query[i]! * rows[at + i]!;
    b += query[i + 1]! * rows[at + i + 1]!;
    c += query[i + 2]! * rows[at + i + 2]!;
    d += query[i + 3]! * rows[at + i + 3]!;
  }
  for (let i = whole; i < query.length; i++) a += query[i]! * rows[at + i]!;
  return a + b + (c + d);
}

/** Places of the `count` largest values, largest first; of equal ones the first. */
function heaviest(values: Float64Array, count: number): number[] {
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (places.length === count && !(value > values[places[count - 1]!]!)) continue;
    let at = places.length;
    while (at > 0 && value > values[places[at - 1]!]!) at--;
    places.splice(at, 0, i);
    if (places.length > count) places.pop();
  }
  return places;
}
