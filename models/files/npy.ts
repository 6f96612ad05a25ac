import { StudioError } from '../errors';
import { asSource, type ByteSource } from './byte-source';
import { type ElementType, elementBytes } from './element-types';
import { exactly, rowsOf, type NumberArray } from './rows';

/** Whether bytes begin as a .npy file does. */
export const isNpy = (bytes: Uint8Array) =>
  bytes[0] === 0x93 && new TextDecoder('latin1').decode(bytes.subarray(1, 6)) === 'NUMPY';

/** NumPy's types that numbers of an embedding may have, and what they are called in safetensors. */
const types: Readonly<Record<string, ElementType>> = {
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  i1: 'I8',
  i2: 'I16',
  i4: 'I32',
  i8: 'I64',
  u1: 'U8',
  u2: 'U16',
  u4: 'U32',
  u8: 'U64',
};

/**
 * Rows of numbers from a .npy file, as `rowsOf` takes them: floats and integers of either byte order, in C or Fortran
 * order (numpy.lib.format, versions 1 to 3). @param name names the file in errors @throws embedding-invalid
 */
export function readNpy(bytes: Uint8Array, name = 'The .npy file'): Float32Array[] {
  return rowsOf(readArray(bytes, name), name);
}

function readArray(bytes: Uint8Array, name: string): NumberArray {
  const { dims, type, fortran, offset, turned } = npyLayout(bytes, name);
  return { dims, values: npyValues(bytes.subarray(offset), type, turned), fortran };
}

/** Where the numbers of a .npy file lie, and how. */
export type NpyLayout = {
  dims: number[];
  type: ElementType;
  /** Columns lie together, not rows. */
  fortran: boolean;
  /** Of the first value, in bytes. */
  offset: number;
  /** Big-endian. */
  turned: boolean;
};

/** Reads the head of a .npy file alone, so that the rest may be of any size. @throws as readNpy */
export function npyLayout(file: Uint8Array | ByteSource, name: string): NpyLayout {
  const source = asSource(file);
  const bytes = source.read(0, Math.min(source.size, longestHead));
  const invalid = (what: string, mend = 'Write it with numpy.save(file, array.astype("float32")).') =>
    new StudioError('embedding-invalid', `${name} ${what}. ${mend}`);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b)
    throw invalid('is an .npz archive of arrays', 'Save the one array alone: numpy.save(file, arrays["name"]).');
  if (bytes.byteLength < 10 || !isNpy(bytes)) throw invalid('does not begin as a .npy file does');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! >= 2;
  if (wide && bytes.byteLength < 12) throw invalid('is cut short');
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, end));
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (shape === undefined || end > bytes.byteLength) throw invalid('has no readable header');
  // Python 2 wrote long integers as 256L.
  const dims = shape
    .split(',')
    .map((n) => n.trim().replace(/L$/, ''))
    .filter(Boolean)
    .map(Number);
  if (!dims.every((n) => Number.isSafeInteger(n) && n >= 0)) throw invalid(`has the shape (${shape})`);
  const descr = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? 'fields';
  const order = descr[0]!;
  const type = types[descr.slice(1)];
  if (type === undefined || !'<>=|'.includes(order))
    throw invalid(
      `holds ${nameOf(descr)}; expected floats or integers of up to 64 bits`,
      descr.endsWith('O')
        ? 'Make one array of all rows first: numpy.save(file, numpy.stack(rows).astype("float32")).'
        : undefined,
    );
  const needed = dims.reduce((product, n) => product * n, elementBytes[type]);
  if (source.size - end !== needed)
    throw invalid(`has ${source.size - end} bytes of data; its shape (${dims.join(', ')}) needs ${needed}`);
  return { dims, type, fortran: /'fortran_order':\s*True/.test(header), offset: end, turned: order === '>' };
}

/** Values of a .npy file from their bytes. @param turned big-endian */
export function npyValues(bytes: Uint8Array, type: ElementType, turned: boolean): Float32Array | Float64Array {
  // A copy: the data may start at any byte, and is turned in place.
  const data = new Uint8Array(bytes);
  if (turned) turn(data, elementBytes[type]);
  return exactly(data, type);
}

/** A head of version 1 is at most this long; none of an array of numbers needs more. */
const longestHead = 10 + 65_535;

/** Big-endian elements to little-endian ones. */
function turn(data: Uint8Array, size: number): void {
  if (size > 1) for (let at = 0; at < data.length; at += size) data.subarray(at, at + size).reverse();
}

const otherTypes: [RegExp, string][] = [
  [/O$/, 'Python objects'],
  [/^.?[SU]/, 'text'],
  [/^.?c/, 'complex numbers'],
  [/^.?f/, 'floats of more than 64 bits'],
  [/^.?(b1|\?)/, 'booleans'],
  [/^fields$/, 'records of several fields'],
];
const nameOf = (descr: string) => otherTypes.find(([pattern]) => pattern.test(descr))?.[1] ?? descr;

/** How a .npy file of float32 in C order begins; little-endian values follow. @param shape [dim] or [rows, dim] */
export function npyHeader(shape: readonly number[]): Uint8Array {
  const dims = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${dims}, }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const out = new Uint8Array(10 + padded.length);
  out.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  out.set(new TextEncoder().encode(padded), 10);
  return out;
}

/** A .npy file of float32: [dim] for one row, [rows, dim] for more. */
export function writeNpy(rows: readonly Float32Array[]): Uint8Array {
  const dim = rows[0]?.length ?? 0;
  const header = npyHeader(rows.length === 1 ? [dim] : [rows.length, dim]);
  const out = new Uint8Array(header.length + rows.length * dim * 4);
  out.set(header);
  rows.forEach((row, i) =>
    out.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), header.length + i * dim * 4),
  );
  return out;
}
