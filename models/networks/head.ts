import { microsoft, type Value } from '../onnx/graph';
import type { Layers, NormKeys } from './layers';

/**
 * The end of a step graph: hidden [batch, tokens, width] → outputs `top_log_probs`, `top_ids`, `entropy`, `last_hidden`
 * of the last token. Declares the inputs `k` and `temperature`, and with `someTokens` `told_tokens` (int64 [T], places
 * among the batch · tokens new ones), which stand in place of the last, and `head_rows` (int64 [H]): those of them
 * whose distributions are told. `largestLogit`: also the output `largest_logit`, from which the others' logits follow.
 * Logits have no bias, so the temperature divides the hidden state, not 50,000 logits.
 */
export function languageModelHead(
  layers: Layers,
  hidden: Value,
  config: {
    norm: NormKeys;
    width: number;
    epsilon: number;
    product: (x: Value) => Value;
    allLogits?: boolean;
    someTokens?: boolean;
    largestLogit?: boolean;
  },
): void {
  const { graph } = layers;
  const last = config.someTokens
    ? graph.node(
        'Gather',
        [graph.node('Reshape', [hidden, graph.ints(-1, config.width)]), graph.input('told_tokens', 'int64', ['told'])],
        { attributes: { axis: 0 } },
      )
    : graph.node('Gather', [hidden, graph.int(-1)], { attributes: { axis: 1 } });
  const all = config.someTokens ? 'told' : 'batch';
  const normed = layers.layerNorm(last, config.norm, config.width, config.epsilon);
  graph.output('last_hidden', 'float32', [all, config.width], layers.toFloat32(normed));
  if (config.allLogits) {
    graph.output('logits', 'float32', [all, 'vocabulary'], layers.toFloat32(config.product(normed)));
    return;
  }
  const k = graph.input('k', 'int64', [1]);
  const temperature = graph.input('temperature', 'float32', [1]);
  const told = config.someTokens
    ? graph.node('Gather', [normed, graph.input('head_rows', 'int64', ['heads'])], { attributes: { axis: 0 } })
    : normed;
  const rows = config.someTokens ? 'heads' : 'batch';
  const scaled = graph.node('Div', [told, layers.toActivations(temperature)]);
  const logits = layers.toFloat32(config.product(scaled));
  if (config.largestLogit) {
    const largest = graph.node('ReduceMax', [logits], { attributes: { axes: [-1], keepdims: 0 } });
    graph.output('largest_logit', 'float32', [rows], largest);
  }
  const logProbs = layers.logSoftmax(logits);
  graph.nodeWithOutputs('TopK', [logProbs, k], ['top_log_probs', 'top_ids'], {
    attributes: { axis: -1, largest: 1, sorted: 1 },
  });
  graph.output('top_log_probs', 'float32', [rows, 'k']);
  graph.output('top_ids', 'int64', [rows, 'k']);
  const sum = expectation(layers, graph.node('Exp', [logProbs]), logProbs);
  graph.output('entropy', 'float32', [rows], graph.node('Neg', [sum]));
}

/** Of two [rows, n] the sum of each row's products [rows]. */
function expectation({ graph, options }: Layers, weights: Value, values: Value): Value {
  if (options.device !== 'cpu') {
    const products = graph.node('Mul', [weights, values]);
    return graph.node('ReduceSum', [products, graph.ints(-1)], { attributes: { keepdims: 0 } });
  }
  // One product of matrices a row: nothing as large as the vocabulary is written.
  const rows = [weights, values].map((value) => graph.node('Unsqueeze', [value, graph.ints(1)]));
  const sums = graph.node('FusedMatMul', rows, { domain: microsoft, attributes: { transB: 1 } });
  return graph.node('Reshape', [sums, graph.ints(-1)]);
}
