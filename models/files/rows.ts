import { StudioError } from '../errors';
import { type ElementType, widen } from './element-types';

/** Numbers of a file with their shape. `fortran`: columns lie together, not rows. */
export type NumberArray = {
  readonly dims: readonly number[];
  readonly values: Float32Array | Float64Array;
  readonly fortran?: boolean;
};

/** Little-endian elements without loss: fp64 stays, so that what does not fit into fp32 can be told. */
export function exactly(bytes: Uint8Array, type: ElementType): Float32Array | Float64Array {
  return type === 'F64' ? new Float64Array(new Uint8Array(bytes).buffer) : widen(bytes, type);
}

/**
 * How many rows an array has, and how many values each. Axes of length 1 do not count: [dim], [1, dim], [1, 1, dim] and
 * [dim, 1] are one row, [rows, 1, dim] is [rows, dim]. @param where names the array in errors
 * @throws embedding-invalid for more axes, and where there is nothing
 */
export function rowsAndDim(dims: readonly number[], where: string): { rows: number; dim: number } {
  const axes = dims.filter((length) => length !== 1);
  if (!dims.length || axes.length > 2 || dims.includes(0))
    throw new StudioError(
      'embedding-invalid',
      `${where} has the shape (${dims.join(', ')}); expected (dim) or (rows, dim), beside axes of length 1. ${
        axes.length > 2 ? 'Save one embedding a row: array.reshape(-1, array.shape[-1]).' : 'It holds no embedding.'
      }`,
    );
  return { dim: axes.at(-1) ?? 1, rows: axes.length === 2 ? axes[0]! : 1 };
}

/**
 * The rows of an array, each [dim] fp32 (`rowsAndDim`).
 * @throws embedding-invalid for more axes, NaN and infinity (with their index), and finite numbers beyond fp32
 */
export function rowsOf({ dims, values, fortran = false }: NumberArray, where: string): Float32Array[] {
  const { rows, dim } = rowsAndDim(dims, where);
  return Array.from({ length: rows }, (_, row) =>
    finiteRow(
      dim,
      (i) => values[fortran ? i * rows + row : row * dim + i]!,
      `${where}${rows > 1 ? `, row ${row + 1}` : ''}`,
    ),
  );
}

/** One row, [dim] fp32, of values as a file has them. @throws embedding-invalid as rowsOf */
export function finiteRow(dim: number, valueAt: (index: number) => number, where: string): Float32Array {
  const out = new Float32Array(dim);
  for (let i = 0; i < dim; i++) {
    const value = valueAt(i);
    out[i] = value;
    if (!Number.isFinite(out[i]!)) throw unfit(value, where, i);
  }
  return out;
}

function unfit(value: number, where: string, index: number): StudioError {
  return new StudioError(
    'embedding-invalid',
    Number.isFinite(value)
      ? `${where} holds ${value} at index ${index}: finite, but too large for float32 (at most 3.4e38). Scale it before it is saved; decoders read its direction only.`
      : `${where} holds ${Number.isNaN(value) ? 'NaN' : value > 0 ? 'infinity' : 'minus infinity'} at index ${index}. Expected finite numbers.`,
  );
}
