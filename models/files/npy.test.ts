import { describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from './npy';

/** A file as numpy.save writes it. */
function npy(descr: string, shape: string, data: Uint8Array, { version = 1, fortran = 'False' } = {}): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;
  const length =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), version, 0, ...length, ...Buffer.from(header), ...data]);
}
const bytesOf = (data: Float32Array | Float64Array | Uint16Array) =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const three = bytesOf(Float32Array.of(1, -2.5, 3));

describe('.npy files', () => {
  it('come back as they were written, one row or many, also from a view that is not aligned', () => {
    const rows = [Float32Array.of(1, -2.5, 3e-8), Float32Array.of(4, 5, 6)];
    expect(readNpy(writeNpy(rows))).toEqual(rows);
    expect(readNpy(writeNpy(rows.slice(0, 1)))).toEqual(rows.slice(0, 1));
    const shifted = new Uint8Array(writeNpy(rows).length + 1);
    shifted.set(writeNpy(rows), 1);
    expect(readNpy(shifted.subarray(1))).toEqual(rows);
  });

  it('begin their data at a multiple of 64 bytes, as the format asks', () => {
    const bytes = writeNpy([Float32Array.of(7)]);
    expect((bytes.length - 4) % 64).toBe(0);
    expect(bytes[bytes.length - 5]).toBe(10);
  });

  it('are read as float32, float64 and float16, in both versions of the header', () => {
    const expected = [Float32Array.of(1, -2.5, 3)];
    expect(readNpy(npy('<f4', '(3,)', three))).toEqual(expected);
    expect(readNpy(npy('<f8', '(3,)', bytesOf(Float64Array.of(1, -2.5, 3))))).toEqual(expected);
    expect(readNpy(npy('<f2', '(1, 3)', bytesOf(Uint16Array.of(0x3c00, 0xc100, 0x4200))))).toEqual(expected);
    expect(readNpy(npy('<f4', '(3,)', three, { version: 2 }))).toEqual(expected);
  });

  it.each([
    ['nothing', new Uint8Array(), /does not begin like one/],
    ['another file', Buffer.from('hello, these are notes'), /does not begin like one/],
    ['a file cut in its header', npy('<f4', '(3,)', three).subarray(0, 30), /no readable header/],
    ['a file cut in the length of its header', npy('<f4', '(3,)', three, { version: 2 }).subarray(0, 11), /cut short/],
    ['a file cut in its data', npy('<f4', '(3,)', three.subarray(0, 8)), /has 8 bytes of data; its shape needs 12/],
    ['integers', npy('<i8', '(1,)', new Uint8Array(8)), /holds <i8; expected float32/],
    ['big-endian numbers', npy('>f4', '(3,)', three), /holds >f4/],
    ['columns first', npy('<f4', '(1, 3)', three, { fortran: 'True' }), /Fortran order/],
    ['no axis', npy('<f4', '()', three.subarray(0, 4)), /shape \(\)/],
    ['three axes', npy('<f4', '(1, 1, 3)', three), /shape \(1, 1, 3\)/],
    ['no row', npy('<f4', '(0, 3)', new Uint8Array()), /shape \(0, 3\)/],
  ])('%s is refused in words', (_, bytes, message) => {
    expect(() => readNpy(bytes)).toThrowError(
      expect.objectContaining({ code: 'embedding-invalid', message: expect.stringMatching(message) }),
    );
  });
});
