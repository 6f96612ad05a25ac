import { describe, expect, it } from 'vitest';
import { readEmbeddingFile } from './embedding-file';
import { writeNpy } from './npy';
import { writeSafetensors } from './safetensors';

const values = Float32Array.of(1, -2.5, 3);
const json = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
/** A safetensors file of one tensor of any type. */
function tensor(dtype: string, shape: number[], data: Uint8Array): Uint8Array {
  const header = JSON.stringify({ embedding: { dtype, shape, data_offsets: [0, data.length] } });
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  return Buffer.concat([length, Buffer.from(header), data]);
}
const f64 = (...numbers: number[]) => new Uint8Array(Float64Array.from(numbers).buffer);

describe('embeddings from files', () => {
  it.each([
    ['an upper-case name', 'PHOTO.NPY', writeNpy([values])],
    ['another name', 'photo.bin', writeNpy([values])],
    ['JSON by its content', 'photo.txt', json([1, -2.5, 3])],
    ['JSON behind a byte order mark', 'photo.json', json('\ufeff[1, -2.5, 3]')],
    ['JSON with axes of length 1', 'photo.json', json({ values: [[[1, -2.5, 3]]] })],
    ['safetensors by its content', 'photo', writeSafetensors({ x: { dims: [3], values } })],
    ['safetensors with axes of length 1', 'x.safetensors', writeSafetensors({ x: { dims: [1, 1, 3], values } })],
    ['bfloat16', 'x.safetensors', tensor('BF16', [3], Uint8Array.of(0x80, 0x3f, 0x20, 0xc0, 0x40, 0x40))],
    ['float64', 'x.SAFETENSORS', tensor('F64', [1, 3], f64(1, -2.5, 3))],
  ])('are read: %s', (_, name, bytes) => expect(readEmbeddingFile(name, bytes, 3, 'pocket').rows).toEqual([values]));

  it.each([
    ['x.json', json('[1, NaN, 3]'), /holds NaN, which is no number of JSON/],
    ['x.json', json('[1, -Infinity, 3]'), /holds -Infinity, which/],
    ['x.json', json([1, 1e300, 3]), /x\.json holds 1e\+300 at index 1: finite, but too large for float32/],
    [
      'x.json',
      json([
        [1, 2, 3],
        [1, 2],
      ]),
      /does not hold embeddings/,
    ],
    ['x.json', json([[1, 2], [1, 2, 3], [1]]), /does not hold embeddings/],
    ['x.json', json({ values: {} }), /does not hold embeddings/],
    [
      'x.json',
      json([
        [
          [1, 2, 3],
          [1, 2, 3],
        ],
        [
          [1, 2, 3],
          [1, 2, 3],
        ],
      ]),
      /shape \(2, 2, 3\)/,
    ],
    ['x.safetensors', tensor('F64', [3], f64(1, 2, 1e300)), /tensor embedding holds 1e\+300 at index 2: finite/],
    ['x.safetensors', tensor('F64', [3], f64(1, NaN, 3)), /holds NaN at index 1/],
    ['x.npy', json('notes'), /x\.npy does not begin as a \.npy file/],
    ['x.npy', new Uint8Array(), /x\.npy is empty/],
    ['x.bin', json('notes'), /of no known kind/],
    ['x.json', json([0, 0, 0]), /all zeros/],
  ])('%s is refused in words', (name, bytes, message) =>
    expect(() => readEmbeddingFile(name, bytes, 3, 'pocket')).toThrowError(
      expect.objectContaining({ code: 'embedding-invalid', message: expect.stringMatching(message) }),
    ),
  );
});
