// How fast this machine is, so that minutes of one can be compared with those of another: a fixed piece of JavaScript
// on one core, and fixed matrix products in onnxruntime on as many threads as there are cores. Prints one JSON object;
// `npm test` runs it before anything else works.
import { cpus } from 'node:os';
import * as ort from 'onnxruntime-node';
import { Graph } from '../../models/onnx/graph';
import { disableTelemetry } from '../../models/runtime/node-telemetry';

disableTelemetry();

/** Best of `times`, in ms: what else the machine did at the moment counts least. */
async function best(times: number, work: () => unknown): Promise<number> {
  let least = Infinity;
  for (let n = 0; n < times; n++) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Counts the primes below a million by a sieve, and sorts as many numbers: arithmetic, memory, calls. */
function javaScript(): number {
  const size = 1_000_000;
  const composite = new Uint8Array(size);
  let primes = 0;
  for (let n = 2; n < size; n++) {
    if (composite[n]) continue;
    primes++;
    for (let multiple = n * n; multiple < size; multiple += n) composite[multiple] = 1;
  }
  let state = 1;
  const numbers = Array.from({ length: 200_000 }, () => (state = (state * 48_271) % 2_147_483_647));
  numbers.sort((a, b) => a - b);
  return primes + numbers[0]!;
}

const side = 768;
const graph = new Graph('calibration');
const x = graph.input('x', 'float32', [side, side]);
graph.output('y', 'float32', [side, side], graph.node('MatMul', [x, graph.node('MatMul', [x, x])]));
const session = await ort.InferenceSession.create(graph.encode());
const input = new ort.Tensor(
  'float32',
  Float32Array.from({ length: side * side }, (_, i) => (i % 7) / 7),
  [side, side],
);
const jsMs = await best(5, javaScript);
const matrixMs = await best(5, () => session.run({ x: input }));
console.log(
  JSON.stringify({
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    jsMs: Math.round(jsMs),
    // Two products of 2 n³ operations each.
    gflops: Math.round((4 * side ** 3) / matrixMs / 1e6),
  }),
);
