import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors';
import { toHalves } from '../float16';
import { dequantiseBlocks, quantiseBlocks } from '../onnx/quantise';
import { mutated } from './fuzz/mutate';
import golden from './goldens/packed.json';
import { readWeights } from './packed';
import { readSafetensors, writeSafetensors } from './safetensors';

const file = Uint8Array.from(atob(golden.file), (character) => character.charCodeAt(0));

type Stored = { dtype: string; shape: number[]; bytes: Uint8Array };
/** A safetensors file from its parts, nothing checked. */
function assemble(tensors: Record<string, Stored>, metadata?: Record<string, unknown>): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors))
    header[name] = { dtype, shape, data_offsets: [offset, (offset += bytes.length)] };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + offset);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  let at = 8 + json.length;
  for (const { bytes } of Object.values(tensors)) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}
const halves = (...values: number[]) => new Uint8Array(toHalves(Float32Array.from(values)).buffer);
const matrix: Stored = {
  dtype: 'I8',
  shape: [2, 20],
  bytes: new Uint8Array(Int8Array.from({ length: 40 }, (_, i) => (i % 16 ? i - 20 : 127)).buffer),
};
const scale: Stored = { dtype: 'F16', shape: [2, 2], bytes: halves(0.5, 1, 2, 0.25) };
const metadata = { packed: 'int8', block: '16' };

describe('packed weights', () => {
  it('are read as Python unpacks them, to the last bit', () => {
    const weights = readWeights(file);
    expect([...weights.names()].sort()).toEqual(Object.keys(golden.tensors).sort());
    for (const [name, { dims, values }] of Object.entries(golden.tensors)) {
      expect(weights.get(name).dims, name).toEqual(dims);
      expect(Array.from(weights.get(name).values), name).toEqual(values);
    }
    expect(weights.has('fc.weight.scale')).toBe(false);
    expect(() => weights.get('fc.mistyped')).toThrow(/fc\.mistyped/);
  });

  it('lie within half a step of what was packed', () => {
    const { values } = readWeights(file).get('fc.weight');
    const { dims, values: original } = golden.original;
    const [rows, width] = dims as [number, number];
    const steps = quantiseBlocks(Float32Array.from(original), rows, width, 64).scales;
    original.forEach((value, i) => {
      const step = steps[Math.floor(i / width) * 3 + Math.floor((i % width) / 64)]!;
      // Rounding the scale to half precision adds 127 / 2^12 of a step; far below the normal halves their own spacing
      // counts.
      expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(0.54 * step + 4e-6);
    });
  });

  it('give the 8-bit products of the CPU the very integers and scales that are stored', () => {
    const stored = readSafetensors(file);
    for (const [name, rows, width] of [
      ['fc.weight', 5, 130],
      ['expand.weight', 3, 64],
    ] as const) {
      const { values, scales, blocks } = quantiseBlocks(readWeights(file).get(name).values, rows, width, 64);
      const integers = new Int8Array(stored.raw(name).bytes.slice().buffer);
      integers.forEach((integer, i) =>
        expect(values[Math.floor(i / width) * blocks * 64 + (i % width)]! - 128, `${name} ${i}`).toBe(integer),
      );
      expect(Array.from(scales)).toEqual(Array.from(stored.get(`${name}.scale`).values));
      expect(Array.from(dequantiseBlocks({ values, scales, blocks, block: 64 }, rows, width))).toEqual(
        Array.from(readWeights(file).get(name).values),
      );
    }
  });

  it('multiply each block of a row by its own scale, a short last block too', () => {
    const { dims, values } = readWeights(assemble({ m: matrix, 'm.scale': scale }, metadata)).get('m');
    expect(dims).toEqual([2, 20]);
    const integers = new Int8Array(matrix.bytes.buffer);
    expect(Array.from(values)).toEqual(
      Array.from(
        integers,
        (integer, i) => integer * [0.5, 1, 2, 0.25][Math.floor(i / 20) * 2 + Math.floor((i % 20) / 16)]!,
      ),
    );
  });

  it('may stand in a plain file of other types, which is read as it was', () => {
    const weights = readWeights(writeSafetensors({ a: { dims: [2], values: Float32Array.of(1, 2) } }));
    expect(weights.names()).toEqual(['a']);
    expect(weights.get('a').values).toEqual(Float32Array.of(1, 2));
  });

  const refused: [string, Uint8Array, RegExp][] = [
    [
      'a tensor without its scale',
      assemble({ m: matrix }, metadata),
      /tensor m is stored in 8 bits and has no m\.scale/,
    ],
    ['a scale without its tensor', assemble({ 'm.scale': scale }, metadata), /m\.scale stands without its tensor/],
    [
      'a scale of another shape',
      assemble({ m: matrix, 'm.scale': { ...scale, shape: [4] } }, metadata),
      /m\.scale has shape \[4\].*needs \[2, 2\]/,
    ],
    [
      'a tensor of another shape',
      assemble({ m: { ...matrix, shape: [4, 10] }, 'm.scale': scale }, metadata),
      /tensor m of \[4, 10\].*needs \[4, 1\]/,
    ],
    [
      'a block size that does not fit the scales',
      assemble({ m: matrix, 'm.scale': scale }, { ...metadata, block: '32' }),
      /blocks of 32 needs \[2, 1\]/,
    ],
    [
      'a scale of another type',
      assemble({ m: matrix, 'm.scale': { dtype: 'BF16', shape: [2, 2], bytes: scale.bytes } }, metadata),
      /m\.scale has type BF16; expected F16/,
    ],
    [
      'a scale that is not finite',
      assemble({ m: matrix, 'm.scale': { ...scale, bytes: halves(0.5, Infinity, 2, 1) } }, metadata),
      /m\.scale holds a scale that is negative or not finite/,
    ],
    [
      'a negative scale',
      assemble({ m: matrix, 'm.scale': { ...scale, bytes: halves(0.5, -1, 2, 1) } }, metadata),
      /negative or not finite/,
    ],
    [
      'metadata that say nothing',
      assemble({ m: matrix, 'm.scale': scale }),
      /tensor m is stored in 8 bits, but the metadata do not say how/,
    ],
    ['metadata of no texts', assemble({ m: matrix, 'm.scale': scale }, { packed: 'int8', block: 16 }), /block size ""/],
    [
      'a block size that is no number',
      assemble({ m: matrix, 'm.scale': scale }, { ...metadata, block: '1e9' }),
      /block size "1e9"/,
    ],
    [
      'a block size of nothing',
      assemble({ m: matrix, 'm.scale': scale }, { ...metadata, block: '0' }),
      /block size "0"/,
    ],
    [
      'a packing of a later version',
      assemble({ m: matrix, 'm.scale': scale }, { ...metadata, packed: 'int4' }),
      /packed as "int4".*Update the studio/,
    ],
  ];
  it.each(refused)('refuse %s by name', (_, bytes, message) => {
    const read = () => {
      const weights = readWeights(bytes, 'evil.safetensors');
      weights.names().forEach((name) => weights.get(name));
    };
    expect(read).toThrow(expect.objectContaining({ code: 'weights-invalid' }));
    expect(read).toThrow(message);
    expect(read).toThrow(/evil\.safetensors/);
  });

  it('are read or refused by name when they are damaged', () => {
    const outcomes = { read: 0, refused: 0 };
    for (let seed = 0; seed < 500; seed++) {
      try {
        const weights = readWeights(mutated([file], seed));
        for (const name of weights.names()) {
          const { dims, values } = weights.get(name);
          expect(values.length).toBe(dims.reduce((product, n) => product * n, 1));
        }
        outcomes.read++;
      } catch (error) {
        if (!(error instanceof StudioError && error.code === 'weights-invalid')) throw error;
        outcomes.refused++;
      }
    }
    expect(outcomes.read).toBeGreaterThan(30);
    expect(outcomes.refused).toBeGreaterThan(100);
  });
});
