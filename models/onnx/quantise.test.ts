import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Graph, microsoft } from './graph';
import { dequantiseBlocks, quantiseBlocks, quantiseChannels } from './quantise';

/** Repeatable numbers in [-1, 1). */
const series = (count: number, step: number) =>
  Float32Array.from({ length: count }, (_, i) => ((i * step) % 2003) / 1001.5 - 1);

describe('quantiseBlocks', () => {
  it.each([32, 128])('keeps every weight within half a step of its block of %i', (block) => {
    const [out, inputs] = [7, 300];
    const weight = series(out * inputs, 617);
    const restored = dequantiseBlocks(quantiseBlocks(weight, out, inputs, block), out, inputs);
    for (let row = 0; row < out; row++)
      for (let start = 0; start < inputs; start += block) {
        const at = Array.from({ length: Math.min(block, inputs - start) }, (_, i) => row * inputs + start + i);
        const step = Math.max(...at.map((i) => Math.abs(weight[i]!))) / 127;
        for (const i of at) expect(Math.abs(restored[i]! - weight[i]!)).toBeLessThanOrEqual(step * 0.501);
      }
  });

  it('keeps zeros and a block of zeros exact', () => {
    const weight = new Float32Array(64);
    weight[40] = -3;
    expect(dequantiseBlocks(quantiseBlocks(weight, 1, 64, 32), 1, 64)).toEqual(weight);
  });

  it('reads a matrix stored as [in, out] in place', () => {
    const [out, inputs] = [5, 48];
    const stored = series(out * inputs, 431);
    const turned = Float32Array.from(
      { length: out * inputs },
      (_, i) => stored[(i % inputs) * out + Math.floor(i / inputs)]!,
    );
    expect(quantiseBlocks(stored, out, inputs, 32, { out: 1, in: out })).toEqual(
      quantiseBlocks(turned, out, inputs, 32),
    );
  });

  it.each([32, 128])('is laid out as MatMulNBits reads it (block %i, a short last block)', async (block) => {
    const [out, inputs] = [6, 200];
    const quantised = quantiseBlocks(series(out * inputs, 617), out, inputs, block);
    const graph = new Graph('product');
    const x = graph.input('x', 'float32', ['rows', inputs]);
    const values = graph.constant('values', 'uint8', [out, quantised.blocks, block], quantised.values);
    const scales = graph.constant('scales', 'float32', [out * quantised.blocks], quantised.scales);
    graph.output(
      'y',
      'float32',
      ['rows', out],
      graph.node('MatMulNBits', [x, values, scales], {
        domain: microsoft,
        attributes: { K: inputs, N: out, bits: 8, block_size: block },
      }),
    );
    const session = await ort.InferenceSession.create(graph.encode());
    const input = series(inputs, 911);
    const { y } = await session.run({ x: new ort.Tensor('float32', input, [1, inputs]) });
    const matrix = dequantiseBlocks(quantised, out, inputs);
    for (let row = 0; row < out; row++) {
      const expected = input.reduce((sum, value, i) => sum + value * matrix[row * inputs + i]!, 0);
      expect((y!.data as Float32Array)[row]).toBeCloseTo(expected, 4);
    }
  });
});

describe('quantiseChannels', () => {
  const [out, inputs] = [7, 300];
  const weight = series(out * inputs, 617);

  it('keeps every weight within half a step of its output', () => {
    const { values, scales } = quantiseChannels(weight, out, inputs);
    for (let row = 0; row < out; row++) {
      const own = weight.subarray(row * inputs, (row + 1) * inputs);
      const step = Math.max(...own.map(Math.abs)) / 127;
      expect(scales[row]).toBeCloseTo(step, 7);
      own.forEach((value, i) => {
        const restored = values[i * out + row]! * scales[row]!;
        expect(Math.abs(restored - value)).toBeLessThanOrEqual(step * 0.501);
      });
    }
  });

  it('reads a matrix stored as [in, out] in place, and an output of zeros', () => {
    weight.fill(0, 2 * inputs, 3 * inputs);
    const stored = Float32Array.from(weight, (_, i) => weight[(i % out) * inputs + Math.floor(i / out)]!);
    const turned = quantiseChannels(stored, out, inputs, { out: 1, in: out });
    expect(turned).toEqual(quantiseChannels(weight, out, inputs));
    expect(turned.scales[2]).toBe(0);
  });
});
