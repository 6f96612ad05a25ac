import { StudioError } from '../errors';
import { asSource, type ByteSource } from '../files/byte-source';
import { elementBytes } from '../files/element-types';
import { readEmbeddingArray } from '../files/embedding-file';
import { isNpy, type NpyLayout, npyLayout, npyValues } from '../files/npy';
import { finiteRow, type NumberArray, rowsAndDim } from '../files/rows';

/** Rows of numbers as they lie one behind the other in a file, little-endian. */
export type PlainRows = { offset: number; type: 'F16' | 'F32' };

/**
 * A matrix of a file, [rows, dim], one vector a row: of a .npy in C order only what is asked for is read, so that a
 * million rows take no memory; what else holds embeddings (.json, .safetensors, Fortran order) is held whole. What the
 * file holds is told by its content. Rows are looked at when they are asked for: one that is no vector is its own
 * fault.
 */
export class Matrix {
  private constructor(
    /** For errors. */
    readonly name: string,
    readonly rows: number,
    readonly dim: number,
    /** Values of rows as the file has them. */
    private readonly valuesOf: (from: number, count: number) => Float32Array | Float64Array,
    /** What the file tells beside its values. */
    readonly told: { space?: string; modality?: 'image' | 'text' },
    /** Where its rows lie plainly in the file, if they do. */
    readonly plain?: PlainRows,
  ) {}

  /** @throws embedding-invalid for a file that holds no matrix */
  static open(name: string, file: Uint8Array | ByteSource): Matrix {
    const source = asSource(file);
    if (isNpy(source.read(0, Math.min(source.size, 6)))) return ofNpy(name, source, npyLayout(source, name));
    const { array, where, space, modality } = readEmbeddingArray(name, source.read(0, source.size));
    return Matrix.whole(where, array, { space, modality });
  }

  /** One that is in memory. */
  static whole(name: string, array: NumberArray, told: { space?: string; modality?: 'image' | 'text' } = {}): Matrix {
    const { rows, dim } = rowsAndDim(array.dims, name);
    return new Matrix(name, rows, dim, slices(array, rows, dim), told);
  }

  static lazily(
    name: string,
    shape: { rows: number; dim: number },
    valuesOf: (from: number, count: number) => Float32Array | Float64Array,
    plain?: PlainRows,
  ): Matrix {
    return new Matrix(name, shape.rows, shape.dim, valuesOf, {}, plain);
  }

  /** `count` rows from `from` on as fp32, [count · dim], not looked at: NaN and infinity stay. */
  slice(from: number, count: number): Float32Array {
    const values = this.valuesOf(from, count);
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }

  /** A row, [dim]. @throws embedding-invalid for one that is not finite in fp32, or all zeros */
  row(index: number): Float32Array {
    const values = this.valuesOf(index, 1);
    const where = `${this.name}[${index}]`;
    const row = finiteRow(this.dim, (i) => values[i]!, where);
    if (!row.some((value) => value !== 0))
      throw new StudioError('embedding-invalid', `${where} is all zeros, which points nowhere.`);
    return row;
  }

  /** @throws embedding-mismatch where the rows are no vectors of a space */
  demand({ name, dim }: { name: string; dim: number }): void {
    const { space } = this.told;
    if (space !== undefined && space !== name)
      throw new StudioError(
        'embedding-mismatch',
        `${this.name} says that it is of the space ${space}; expected ${name}. Spaces do not mix: choose the family of that space, or bring it over by \`map apply\`.`,
      );
    if (this.dim !== dim)
      throw new StudioError(
        'embedding-mismatch',
        `${this.name} has ${this.dim} values; the space ${name} has ${dim}. It comes from another model: name its space with --space, or bring it over by \`map apply\`.`,
      );
  }
}

function ofNpy(name: string, source: ByteSource, { dims, type, fortran, offset, turned }: NpyLayout): Matrix {
  const { rows, dim } = rowsAndDim(dims, name);
  const bytes = elementBytes[type];
  // Columns lie together: a row is all over the file.
  if (fortran && rows > 1 && dim > 1)
    return Matrix.whole(name, {
      dims,
      values: npyValues(source.read(offset, rows * dim * bytes), type, turned),
      fortran,
    });
  const read = (from: number, count: number) =>
    npyValues(source.read(offset + from * dim * bytes, count * dim * bytes), type, turned);
  const plain = !turned && (type === 'F16' || type === 'F32') ? { offset, type } : undefined;
  return Matrix.lazily(name, { rows, dim }, read, plain);
}

const slices =
  ({ values, fortran = false }: NumberArray, rows: number, dim: number) =>
  (from: number, count: number): Float32Array | Float64Array => {
    if (!fortran) return values.subarray(from * dim, (from + count) * dim);
    const out = new Float64Array(count * dim);
    for (let row = 0; row < count; row++)
      for (let i = 0; i < dim; i++) out[row * dim + i] = values[i * rows + from + row]!;
    return out;
  };
