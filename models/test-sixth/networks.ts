import type { Network } from '../graphs/spec';
import { Graph } from '../onnx/graph';

/** One product, one slot of a prefix: embedding [B, dim] → prefix [B, 1, width], by `matrix` [dim, width]. */
export const namerNetworks = {
  'namer-product': {
    fallback: 'cpu',
    precision: 'exact',
    build: (weights) => {
      const graph = new Graph('namer-product');
      const { dims, values } = weights.get('matrix');
      const [dim = 0, width = 0] = dims;
      const embedding = graph.input('embedding', 'float32', ['batch', dim]);
      const slot = graph.node('MatMul', [embedding, graph.constant('matrix', 'float32', dims, values)]);
      graph.output('prefix', 'float32', ['batch', 1, width], graph.node('Unsqueeze', [slot, graph.ints(1)]));
      return graph.encode();
    },
  },
} satisfies Record<string, Network>;
