import { StudioError } from '../errors';
import { norm } from '../spaces/embedding';
import type { Matrix } from './matrix';

/** A cluster: what it is called, the mean of its rows' directions, and how closely they stand around it. */
export type Cluster = {
  label: string;
  rows: number;
  /** [dim]: mean of the rows at norm 1. Its length is the mean cosine of the rows to the centroid. */
  centroid: Float32Array;
  cohesion: number;
};

/** Rows read at once. */
const sliceRows = 4096;

/**
 * Centroids of the rows that a label names, in the order in which the labels first come. Rows count by their direction
 * alone (spherical means), so that long ones weigh as much as short ones.
 * @param labels of each row; undefined is of none
 * @returns `lost`: labelled rows that are no vectors (NaN, infinity, zeros), left out
 * @throws option-invalid where no row has a label
 */
export function centroids(
  matrix: Matrix,
  labels: readonly (string | undefined)[],
): { clusters: Cluster[]; lost: number[] } {
  const { rows, dim } = matrix;
  const sums = new Map<string, { sum: Float64Array; rows: number }>();
  const lost: number[] = [];
  for (let from = 0; from < rows; from += sliceRows) {
    const count = Math.min(sliceRows, rows - from);
    const values = matrix.slice(from, count);
    for (let i = 0; i < count; i++) {
      const label = labels[from + i];
      if (label === undefined) continue;
      const row = values.subarray(i * dim, (i + 1) * dim);
      const length = norm(row);
      if (!(length > 0) || !Number.isFinite(length)) {
        lost.push(from + i);
        continue;
      }
      const group = sums.get(label) ?? { sum: new Float64Array(dim), rows: 0 };
      sums.set(label, group);
      group.rows++;
      for (let d = 0; d < dim; d++) group.sum[d]! += row[d]! / length;
    }
  }
  if (!sums.size) throw new StudioError('option-invalid', `No row of ${matrix.name} has a label.`);
  const clusters = [...sums].map(([label, { sum, rows: n }]): Cluster => {
    const centroid = Float32Array.from(sum, (value) => value / n);
    return { label, rows: n, centroid, cohesion: norm(centroid) };
  });
  return { clusters, lost };
}

/**
 * The direction from `b` to `a`: the difference of both at norm 1. @param words what the two are called, for errors
 * @throws embedding-invalid where both point the same way
 */
export function direction(a: Float32Array, b: Float32Array, words: readonly [string, string]): Float32Array {
  const [one, other] = [norm(a), norm(b)];
  const out = a.map((value, i) => value / one - b[i]! / other);
  if (!(norm(out) > 1e-6))
    throw new StudioError(
      'embedding-invalid',
      `${words[0]} and ${words[1]} point the same way: there is no direction between them. Name two that differ.`,
    );
  return out;
}
