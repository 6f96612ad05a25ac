import { StudioError } from '../errors';
import { widenHalves } from '../float16';

/** Rows of numbers from a .npy file: [dim] or [rows, dim], little-endian floats, C order. @throws embedding-invalid */
export function readNpy(bytes: Uint8Array): Float32Array[] {
  const invalid = (what: string) =>
    new StudioError(
      'embedding-invalid',
      `The .npy file ${what}. Write it with numpy.save(file, array.astype("float32")).`,
    );
  if (bytes.byteLength < 10 || bytes[0] !== 0x93 || new TextDecoder('latin1').decode(bytes.subarray(1, 6)) !== 'NUMPY')
    throw invalid('does not begin like one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6]! >= 2;
  if (wide && bytes.byteLength < 12) throw invalid('is cut short');
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, end));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/
    .exec(header)?.[1]
    ?.split(',')
    .map((n) => n.trim())
    .filter(Boolean)
    .map(Number);
  if (!type || !shape || end > bytes.byteLength) throw invalid('has no readable header');
  if (/'fortran_order':\s*True/.test(header)) throw invalid('is in Fortran order');
  if (shape.length < 1 || shape.length > 2 || !shape.every((n) => Number.isSafeInteger(n) && n > 0))
    throw invalid(`has the shape (${shape.join(', ')}); expected (dim) or (rows, dim)`);
  const size = { '<f4': 4, '<f8': 8, '<f2': 2 }[type];
  if (!size) throw invalid(`holds ${type}; expected float32, float64 or float16`);
  const dim = shape[shape.length - 1]!;
  const rows = shape.length === 2 ? shape[0]! : 1;
  if (bytes.byteLength - end !== rows * dim * size)
    throw invalid(`has ${bytes.byteLength - end} bytes of data; its shape needs ${rows * dim * size}`);
  const { buffer } = bytes.slice(end);
  const values =
    size === 4
      ? new Float32Array(buffer)
      : size === 8
        ? Float32Array.from(new Float64Array(buffer))
        : widenHalves(new Uint16Array(buffer));
  return Array.from({ length: rows }, (_, row) => values.slice(row * dim, (row + 1) * dim));
}

/** A .npy file of float32: [dim] for one row, [rows, dim] for more. */
export function writeNpy(rows: readonly Float32Array[]): Uint8Array {
  const dim = rows[0]?.length ?? 0;
  const shape = rows.length === 1 ? `(${dim},)` : `(${rows.length}, ${dim})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const out = new Uint8Array(10 + padded.length + rows.length * dim * 4);
  out.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  out.set(new TextEncoder().encode(padded), 10);
  rows.forEach((row, i) =>
    out.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), 10 + padded.length + i * dim * 4),
  );
  return out;
}
