import { afterAll, describe, expect, it } from 'vitest';
import { Graph } from '../onnx/graph';
import { NodeRuntime } from '../runtime/node';
import { integerProductsExact } from '../weights/integer-products';
import { Layers } from './layers';
import type { WeightMap } from './types';

const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
afterAll(() => runtime.close());

const [inputs, out] = [96, 40];
const series = (count: number, step: number) =>
  Float32Array.from({ length: count }, (_, i) => ((i * step) % 2003) / 1001.5 - 1);
const matrix = series(out * inputs, 617);
const bias = series(out, 31);
const weights: WeightMap = {
  has: () => true,
  names: () => ['w', 'b'],
  get: (name) => (name === 'w' ? { dims: [out, inputs], values: matrix } : { dims: [out], values: bias }),
};

/** A linear layer at 8 bit by products of integers. */
async function linear() {
  const graph = new Graph('linear');
  const layers = new Layers(graph, weights, { precision: 'q8', device: 'cpu', integers: true });
  const x = graph.input('x', 'float32', ['rows', inputs]);
  graph.output('y', 'float32', ['rows', out], layers.linear(x, { weight: 'w', bias: 'b' }, inputs, out));
  const session = await runtime.load(graph.encode(), { name: 'a linear layer' });
  return async (rows: readonly Float32Array[]): Promise<Float32Array> => {
    const given = runtime.tensor('float32', Float32Array.from(rows.flatMap((row) => [...row])), [rows.length, inputs]);
    const { y } = await session.run({ x: given });
    const values = ((await y!.read()) as Float32Array).slice();
    for (const tensor of [given, y!]) tensor.dispose();
    return values;
  };
}

describe('products of integers', () => {
  it.runIf(process.arch === 'x64' || process.arch === 'arm64')('are tried before they are used', async () => {
    // Either answer is right, as the CPU is; a device that is none is never asked.
    expect([true, false]).toContain(await integerProductsExact(runtime));
  });

  it('are close to the product in fp32, for rows of one sign, of large values and of equal ones', async () => {
    if (!(await integerProductsExact(runtime))) return;
    const run = await linear();
    const rows = [
      series(inputs, 911),
      series(inputs, 71).map((v) => Math.abs(v) * 40),
      series(inputs, 13).map((v) => (v > 0.98 ? 90 : v * 0.1)),
      new Float32Array(inputs).fill(0.7),
      new Float32Array(inputs),
    ];
    const found = await run(rows);
    rows.forEach((row, r) => {
      const step = (Math.max(...row) - Math.min(...row)) / 255;
      for (let o = 0; o < out; o++) {
        const exact = row.reduce((sum, v, i) => sum + v * matrix[o * inputs + i]!, bias[o]!);
        // Half a step of every activation, and half a step of every weight (1 / 127) at the row's size.
        const size = Math.hypot(...row) / Math.sqrt(inputs);
        const bound = (step / 2 + size / 254) * Math.sqrt(inputs) * 3 + 1e-4;
        expect(Math.abs(found[r * out + o]! - exact), `row ${r}, output ${o}`).toBeLessThan(bound);
      }
    });
  });

  it('answer a row the same, to the bit, whatever stands beside it', async () => {
    if (!(await integerProductsExact(runtime))) return;
    const run = await linear();
    const rows = Array.from({ length: 21 }, (_, n) => series(inputs, 37 + 101 * n).map((v) => v * (n + 1)));
    const together = await run(rows);
    for (const n of [0, 7, 20]) expect(await run([rows[n]!])).toEqual(together.slice(n * out, (n + 1) * out));
  });
});
