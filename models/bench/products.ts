import { gpt2Small } from '../networks/published-keys';
import { Graph } from '../onnx/graph';
import type { Runtime } from '../runtime/types';
import { gpt2Shapes, randomWeights } from './random-weights';
import { quantile, timed } from './timing';

/**
 * What no step of GPT-2 124M can do without: its matrix products in fp32, one after the other, and nothing else. x
 * [rows, width] →
 * the largest logit of each row. The time of this graph is the least that any engine on the same kernels needs for a
 * step.
 */
export function buildProducts(): Uint8Array {
  const { layers, width, vocabulary } = gpt2Small;
  const weights = randomWeights(gpt2Shapes(gpt2Small));
  const graph = new Graph('gpt2-products');
  let x = graph.input('x', 'float32', ['rows', width]);
  const product = (key: string, dims: readonly number[]) =>
    graph.node('MatMul', [x, graph.constant(key, 'float32', dims, weights.get(key).values)]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `transformer.h.${layer}`;
    x = product(`${block}.attn.c_attn.weight`, [width, 3 * width]);
    // Of queries, keys and values the first stand for what attention would give.
    x = graph.node('Slice', [x, graph.ints(0), graph.ints(width), graph.ints(1)]);
    x = product(`${block}.attn.c_proj.weight`, [width, width]);
    x = product(`${block}.mlp.c_fc.weight`, [width, 4 * width]);
    x = product(`${block}.mlp.c_proj.weight`, [4 * width, width]);
  }
  const table = graph.constant('table', 'float32', [vocabulary, width], weights.get('transformer.wte.weight').values);
  const logits = graph.node('Gemm', [x, table], { attributes: { transB: 1 } });
  graph.output(
    'y',
    'float32',
    ['rows', 1],
    graph.node('ReduceMax', [logits], { attributes: { axes: [1], keepdims: 1 } }),
  );
  return graph.encode();
}

/** Median ms of `count` passes over all products, for each number of rows. */
export async function timeProducts(runtime: Runtime, rows: readonly number[], count: number): Promise<number[]> {
  const session = await runtime.load(buildProducts(), { name: 'products' });
  const medians: number[] = [];
  for (const n of rows) {
    const x = runtime.tensor('float32', new Float32Array(n * gpt2Small.width).fill(0.5), [n, gpt2Small.width]);
    const times: number[] = [];
    for (let i = -2; i < count; i++) {
      const { ms } = await timed(async () => {
        const { y } = await session.run({ x });
        await y!.read();
        y!.dispose();
      });
      if (i >= 0) times.push(ms);
    }
    x.dispose();
    medians.push(quantile(times, 0.5));
  }
  await session.release();
  return medians;
}
