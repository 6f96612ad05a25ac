import { StudioError } from '../errors';

/**
 * Sums over pairs of vectors, of which a ridge regression is made: pairs may come one after another, and sums of parts
 * add up.
 */
export class PairSums {
  count = 0;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** [from, from], its upper half. */
  readonly xx: Float64Array;
  /** [from, to] */
  readonly xy: Float64Array;

  constructor(
    readonly from: number,
    readonly to: number,
  ) {
    this.x = new Float64Array(from);
    this.y = new Float64Array(to);
    this.xx = new Float64Array(from * from);
    this.xy = new Float64Array(from * to);
  }

  /** @param x [from] @param y [to] */
  add(x: ArrayLike<number>, y: ArrayLike<number>): void {
    const { from, to, xx, xy } = this;
    this.count++;
    for (let j = 0; j < to; j++) this.y[j]! += y[j]!;
    for (let i = 0; i < from; i++) {
      const value = x[i]!;
      this.x[i]! += value;
      const [row, other] = [i * from, i * to];
      for (let j = i; j < from; j++) xx[row + j]! += value * x[j]!;
      for (let j = 0; j < to; j++) xy[other + j]! += value * y[j]!;
    }
  }

  /** The sums of both. */
  plus(other: PairSums): PairSums {
    const sum = new PairSums(this.from, this.to);
    sum.count = this.count + other.count;
    for (const key of ['x', 'y', 'xx', 'xy'] as const)
      sum[key].forEach((_, i) => (sum[key][i] = this[key][i]! + other[key][i]!));
    return sum;
  }
}

/** y = x · weight + bias, for rows. */
export type LinearMap = {
  from: number;
  to: number;
  /** [from, to] */
  weight: Float64Array;
  /** [to] */
  bias: Float64Array;
};

/**
 * Ridge regression with an intercept, which is not punished: the least of Σ |y − x·W − b|² + n·λ·v·|W|², v being the
 * mean variance of the values of x, so that λ means the same for every space.
 * @throws embedding-invalid where the vectors are all the same
 */
export function ridge(sums: PairSums, lambda: number): LinearMap {
  const { count: n, from, to } = sums;
  const [meanX, meanY] = [sums.x.map((v) => v / n), sums.y.map((v) => v / n)];
  const a = new Float64Array(from * from);
  let variance = 0;
  for (let i = 0; i < from; i++)
    for (let j = 0; j <= i; j++) {
      const value = sums.xx[j * from + i]! / n - meanX[i]! * meanX[j]!;
      a[i * from + j] = value;
      if (i === j) variance += value / from;
    }
  if (!(variance > 0))
    throw new StudioError(
      'embedding-invalid',
      'All vectors of the pairs are the same: nothing can be told from them. Give pairs that differ.',
    );
  for (let i = 0; i < from; i++) a[i * from + i]! += lambda * variance;
  const weight = new Float64Array(from * to);
  for (let i = 0; i < from; i++)
    for (let j = 0; j < to; j++) weight[i * to + j] = sums.xy[i * to + j]! / n - meanX[i]! * meanY[j]!;
  solveInPlace(a, from, weight, to);
  const bias = meanY.map((value, j) => {
    let sum = value;
    for (let i = 0; i < from; i++) sum -= meanX[i]! * weight[i * to + j]!;
    return sum;
  });
  return { from, to, weight, bias };
}

/** Solves A·X = B by Cholesky. @param a [n, n], its lower half; it becomes the factor @param b [n, m]; it becomes X */
function solveInPlace(a: Float64Array, n: number, b: Float64Array, m: number): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      // What rounding took below zero has no part of its own.
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / a[j * n + j]!;
    }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(b, i, a[i * n + k]!, k, m);
    divide(b, i, a[i * n + i]!, m);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(b, i, a[k * n + i]!, k, m);
    divide(b, i, a[i * n + i]!, m);
  }
}
function subtract(b: Float64Array, row: number, factor: number, other: number, m: number): void {
  for (let j = 0; j < m; j++) b[row * m + j]! -= factor * b[other * m + j]!;
}
function divide(b: Float64Array, row: number, by: number, m: number): void {
  for (let j = 0; j < m; j++) b[row * m + j]! /= by;
}

/** A row over a map, [to]. */
export function mapped({ from, to, weight, bias }: LinearMap, x: ArrayLike<number>): Float64Array {
  const out = bias.slice();
  for (let i = 0; i < from; i++) {
    const value = x[i]!;
    for (let j = 0; j < to; j++) out[j]! += value * weight[i * to + j]!;
  }
  return out;
}
