import { Graph, microsoft } from '../onnx/graph';
import type { Runtime } from '../runtime/types';

const known = new WeakMap<Runtime, Promise<boolean>>();

/**
 * Whether this device multiplies integers of 8 bit exactly. CPUs with instructions for it do (VNNI, AMX, ARM's dot
 * product), and are several times faster at it than at any other product of 8-bit weights; older ones add two products
 * in 16 bits, and saturate.
 */
export function integerProductsExact(runtime: Runtime): Promise<boolean> {
  const found = known.get(runtime) ?? tried(runtime);
  known.set(runtime, found);
  return found;
}

async function tried(runtime: Runtime): Promise<boolean> {
  if (runtime.device.name !== 'cpu') return false;
  const [inputs, out] = [64, 32];
  const graph = new Graph('integer-products');
  const q = graph.input('q', 'uint8', ['rows', inputs]);
  // Every pair of products is as large as it can be.
  const largest = graph.constant('largest', 'int8', [inputs, out], new Int8Array(inputs * out).fill(127));
  const scales = graph.constant('scales', 'float32', [out], new Float32Array(out).fill(1));
  const operands = [q, largest, graph.float(1), scales];
  graph.output('y', 'float32', ['rows', out], graph.node('MatMulIntegerToFloat', operands, { domain: microsoft }));
  const session = await runtime.load(graph.encode(), { name: 'a product of integers' });
  // One row and many take different kernels.
  for (const rows of [1, 16]) {
    const given = runtime.tensor('uint8', new Uint8Array(rows * inputs).fill(255), [rows, inputs]);
    const { y } = await session.run({ q: given });
    const exact = ((await y!.read()) as Float32Array).every((value) => value === 255 * 127 * inputs);
    for (const tensor of [given, y!]) tensor.dispose();
    if (!exact) {
      await session.release();
      return false;
    }
  }
  await session.release();
  return true;
}
