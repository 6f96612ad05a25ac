import { describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from './npy';

/** A file as numpy.save writes it. */
function npy(descr: string, shape: string, data: Uint8Array, { version = 1, fortran = 'False' } = {}): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;
  const length =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...Buffer.from('NUMPY'), version, 0, ...length, ...Buffer.from(header), ...data]);
}
const bytesOf = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
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

  it('are read as float32, float64 and float16, in every version of the header', () => {
    const expected = [Float32Array.of(1, -2.5, 3)];
    expect(readNpy(npy('<f4', '(3,)', three))).toEqual(expected);
    expect(readNpy(npy('<f8', '(3,)', bytesOf(Float64Array.of(1, -2.5, 3))))).toEqual(expected);
    expect(readNpy(npy('<f2', '(1, 3)', bytesOf(Uint16Array.of(0x3c00, 0xc100, 0x4200))))).toEqual(expected);
    expect(readNpy(npy('<f4', '(3,)', three, { version: 2 }))).toEqual(expected);
    expect(readNpy(npy('<f4', '(3L,)', three, { version: 3 }))).toEqual(expected);
  });

  it.each([
    ['|i1', bytesOf(Int8Array.of(1, -2, 3)), [1, -2, 3]],
    ['|u1', bytesOf(Uint8Array.of(1, 200, 3)), [1, 200, 3]],
    ['<i2', bytesOf(Int16Array.of(1, -2, 300)), [1, -2, 300]],
    ['<u2', bytesOf(Uint16Array.of(1, 60000, 3)), [1, 60000, 3]],
    ['<i4', bytesOf(Int32Array.of(1, -70000, 3)), [1, -70000, 3]],
    ['<u4', bytesOf(Uint32Array.of(1, 2 ** 31, 3)), [1, 2 ** 31, 3]],
    ['<i8', bytesOf(BigInt64Array.of(1n, -2n, 3n)), [1, -2, 3]],
    ['<u8', bytesOf(BigUint64Array.of(1n, 1n << 63n, 3n)), [1, 2 ** 63, 3]],
  ])('are read as %s', (descr, data, values) =>
    expect(readNpy(npy(descr, '(3,)', data))).toEqual([Float32Array.from(values)]),
  );

  it.each([
    ['>f2', 2, Uint16Array.of(0x3c00, 0xc100, 0x4200)],
    ['>f4', 4, Float32Array.of(1, -2.5, 3)],
    ['>f8', 8, Float64Array.of(1, -2.5, 3)],
  ])('are read in big-endian %s', (descr, size, values) => {
    const turned = bytesOf(values).slice();
    for (let at = 0; at < turned.length; at += size) turned.subarray(at, at + size).reverse();
    expect(readNpy(npy(descr, '(3,)', turned))).toEqual([Float32Array.of(1, -2.5, 3)]);
  });

  it('are read in Fortran order, where columns lie together', () => {
    const columns = bytesOf(Float32Array.of(1, 4, 2, 5, 3, 6));
    const rows = [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)];
    expect(readNpy(npy('<f4', '(2, 3)', columns, { fortran: 'True' }))).toEqual(rows);
    expect(readNpy(npy('<f4', '(2, 1, 3)', columns, { fortran: 'True' }))).toEqual(rows);
    expect(readNpy(npy('<f4', '(1, 3)', three, { fortran: 'True' }))).toEqual([Float32Array.of(1, -2.5, 3)]);
  });

  it.each(['(3,)', '(1, 3)', '(3, 1)', '(1, 1, 3)', '(1, 3, 1, 1)'])('of shape %s are one row', (shape) =>
    expect(readNpy(npy('<f4', shape, three))).toEqual([Float32Array.of(1, -2.5, 3)]),
  );
  it.each(['(3, 2)', '(3, 1, 2)', '(1, 3, 2)'])('of shape %s are three rows', (shape) =>
    expect(readNpy(npy('<f4', shape, bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6))))).toEqual([
      Float32Array.of(1, 2),
      Float32Array.of(3, 4),
      Float32Array.of(5, 6),
    ]),
  );

  it.each([
    ['nothing', new Uint8Array(), /does not begin as a \.npy file/],
    ['another file', Buffer.from('hello, these are notes'), /does not begin as a \.npy file/],
    ['an .npz', Buffer.from('PK\u0003\u0004 and so on'), /\.npz archive.*arrays\["name"\]/],
    ['a file cut in its header', npy('<f4', '(3,)', three).subarray(0, 30), /no readable header/],
    ['a file cut in the length of its header', npy('<f4', '(3,)', three, { version: 2 }).subarray(0, 11), /cut short/],
    [
      'a file cut in its data',
      npy('<f4', '(3,)', three.subarray(0, 8)),
      /has 8 bytes of data; its shape \(3\) needs 12/,
    ],
    ['Python objects', npy('|O', '(1,)', new Uint8Array(8)), /holds Python objects.*numpy\.stack/],
    ['complex numbers', npy('<c8', '(1,)', new Uint8Array(8)), /holds complex numbers; expected floats or integers/],
    ['text', npy('<U4', '(1,)', new Uint8Array(16)), /holds text/],
    ['booleans', npy('|b1', '(3,)', new Uint8Array(3)), /holds booleans/],
    ['long doubles', npy('<f16', '(1,)', new Uint8Array(16)), /floats of more than 64 bits/],
    ['no axis', npy('<f4', '()', three.subarray(0, 4)), /shape \(\)/],
    ['three axes', npy('<f4', '(2, 2, 3)', new Uint8Array(48)), /shape \(2, 2, 3\).*reshape\(-1, array\.shape\[-1\]\)/],
    ['no row', npy('<f4', '(0, 3)', new Uint8Array()), /shape \(0, 3\)/],
    ['NaN', npy('<f4', '(2, 2)', bytesOf(Float32Array.of(1, 2, 3, NaN))), /row 2 holds NaN at index 1/],
    ['infinity', npy('<f8', '(2,)', bytesOf(Float64Array.of(1, -Infinity))), /holds minus infinity at index 1/],
    [
      'numbers beyond float32',
      npy('<f8', '(3,)', bytesOf(Float64Array.of(1, 2, -1e300))),
      /holds -1e\+300 at index 2: finite, but too large for float32/,
    ],
  ])('%s is refused in words', (_, bytes, message) => {
    expect(() => readNpy(bytes)).toThrowError(
      expect.objectContaining({ code: 'embedding-invalid', message: expect.stringMatching(message) }),
    );
  });
});
