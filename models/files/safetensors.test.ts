import { describe, expect, it } from 'vitest';
import { mergeWeights, readSafetensors, writeSafetensors } from './safetensors';

/** A file from a header and its data, with nothing checked. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0), claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + data.length);
  new DataView(out.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  out.set(json, 8);
  out.set(data, 8 + json.length);
  return out;
}
const f32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

describe('safetensors', () => {
  it('reads what it wrote, at any alignment of the file in memory', () => {
    const written = writeSafetensors({
      a: { dims: [2, 2], values: Float32Array.of(1, -2, 3.5, 0) },
      b: { dims: [1], values: Float32Array.of(7) },
    });
    const shifted = new Uint8Array(written.length + 3);
    shifted.set(written, 3);
    // Node's Buffer is a Uint8Array whose slices share its memory.
    for (const bytes of [shifted.subarray(3), Buffer.from(shifted.buffer, 3)]) {
      const weights = readSafetensors(bytes);
      expect(weights.names()).toEqual(['a', 'b']);
      expect(weights.get('a')).toEqual({ dims: [2, 2], values: Float32Array.of(1, -2, 3.5, 0) });
      expect(weights.get('b').values).toEqual(Float32Array.of(7));
    }
  });

  it('widens half precision and bfloat16, subnormals, infinities and signs included', () => {
    // IEEE 754 half: 1, -2, 65504, 2^-24, inf, -0. bfloat16: 1, -2, 2^-126, inf.
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x8000);
    const brains = Uint16Array.of(0x3f80, 0xc000, 0x0080, 0x7f80);
    const data = new Uint8Array(20);
    data.set(new Uint8Array(halves.buffer), 0);
    data.set(new Uint8Array(brains.buffer), 12);
    const weights = readSafetensors(
      file(
        {
          h: { dtype: 'F16', shape: [6], data_offsets: [0, 12] },
          b: { dtype: 'BF16', shape: [4], data_offsets: [12, 20] },
        },
        data,
      ),
    );
    expect([...weights.get('h').values]).toEqual([1, -2, 65504, 2 ** -24, Infinity, -0]);
    expect([...weights.get('b').values]).toEqual([1, -2, 2 ** -126, Infinity]);
  });

  it('names the key that is missing, also in merged maps, where the first map wins', () => {
    const one = readSafetensors(writeSafetensors({ x: { dims: [1], values: Float32Array.of(1) } }));
    const two = readSafetensors(
      writeSafetensors({ x: { dims: [1], values: Float32Array.of(2) }, y: { dims: [1], values: Float32Array.of(3) } }),
      'two.safetensors',
    );
    const merged = mergeWeights(one, two);
    expect(merged.get('x').values[0]).toBe(1);
    expect(merged.get('y').values[0]).toBe(3);
    expect([...merged.names()].sort()).toEqual(['x', 'y']);
    expect(() => two.get('lm.wte')).toThrow(
      expect.objectContaining({ code: 'weights-invalid', message: expect.stringMatching(/two\.safetensors.*lm\.wte/) }),
    );
    expect(() => merged.get('lm.wte')).toThrow(/lm\.wte/);
  });

  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const hostile: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /0 bytes/],
    ['a header longer than the file', file({ a: entry }, f32(1, 2), 10_000n), /claims 10000 bytes/],
    ['a header of 2^63 bytes', file({ a: entry }, f32(1, 2), 1n << 63n), /claims/],
    ['a header that is not JSON', file('{"a":', f32(1)), /not JSON/],
    ['a header that is a list', file([1, 2], f32(1)), /not an object/],
    ['a header that is not UTF-8', file('"\u0000').fill(0xff, 8), /not JSON/],
    ['truncated data', file({ a: entry }, f32(1)), /reaches to byte 8 of 4 \(is the file cut\?\)/],
    ['overlapping tensors', file({ a: entry, b: { ...entry, data_offsets: [4, 12] } }, f32(1, 2, 3)), /b overlaps/],
    ['two tensors at one place', file({ a: entry, b: entry }, f32(1, 2)), /overlaps/],
    ['a shape that does not fit', file({ a: { ...entry, shape: [3] } }, f32(1, 2)), /\[3\] needs 12 bytes and has 8/],
    ['a shape whose product overflows', file({ a: { ...entry, shape: [2 ** 40, 2 ** 40, 0] } }, f32(1, 2)), /needs/],
    ['a shape of absurd size', file({ a: { ...entry, shape: [2 ** 31, 2 ** 31] } }, f32(1, 2)), /needs/],
    ['a negative dimension', file({ a: { ...entry, shape: [-2] } }, f32(1, 2)), /no valid shape/],
    ['a fractional dimension', file({ a: { ...entry, shape: [1.5] } }, f32(1, 2)), /no valid shape/],
    ['a shape that is text', file({ a: { ...entry, shape: '2' } }, f32(1, 2)), /no valid shape/],
    ['offsets that go backwards', file({ a: { ...entry, data_offsets: [8, 0] } }, f32(1, 2)), /reaches/],
    ['offsets that are missing', file({ a: { dtype: 'F32', shape: [2] } }, f32(1, 2)), /no valid offsets/],
    ['an unknown type', file({ a: { ...entry, dtype: 'Q4_K' } }, f32(1, 2)), /type Q4_K/],
    ['a type from the prototype', file({ a: { ...entry, dtype: 'constructor' } }, f32(1, 2)), /type constructor/],
    ['a tensor that is null', file({ a: null }, f32(1, 2)), /type undefined/],
  ];
  it.each(hostile)('refuses %s by name', (_, bytes, message) => {
    const attempt = () => readSafetensors(bytes, 'evil.safetensors');
    expect(attempt).toThrow(expect.objectContaining({ code: 'weights-invalid' }));
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(/evil\.safetensors/);
  });
});
