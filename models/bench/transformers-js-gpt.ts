import { Graph, type Value } from '../onnx/graph';
import { fromHeads, plainAttention, toHeads } from '../networks/attention';
import { gptBlockKeys } from '../networks/gpt';
import { Layers } from '../networks/layers';
import { mlp, residualStack, selfAttention } from '../networks/transformer';
import type { GptConfig, GraphOptions, WeightMap } from '../networks/types';

/**
 * GPT-2 in the layout that transformers.js generates from (as its exporter writes it: plain attention, all logits of
 * all tokens, cache
 * grown by Concat): what the bench compares with. Inputs input_ids, position_ids [B,S], past_key_values.{l}.key/value
 * [B,H,L,Dh];
 * outputs logits [B,S,V], present.{l}.key/value.
 */
export function buildTransformersJsGpt(config: GptConfig, weights: WeightMap, options: GraphOptions): Uint8Array {
  const { width, heads, keys } = config;
  const graph = new Graph('gpt-transformers-js');
  const layers = new Layers(graph, weights, options);
  const table = layers.table(keys.tokenEmbedding, config.vocabulary, width);
  const ids = graph.input('input_ids', 'int64', ['batch', 'new']);
  const positions = graph.input('position_ids', 'int64', ['batch', 'new']);
  const x = layers.add(
    layers.lookup(table, ids),
    layers.positions(keys.positionEmbedding, config.positions, width, positions),
  );
  let mask: Value | undefined;
  const attend = (layer: number) => (qkv: Value, bias: Value | undefined) => {
    const cache = (part: string, batch: string, length: string) =>
      [`${part}`, layers.float, [batch, heads, length, width / heads]] as const;
    const past = ['key', 'value'].map((part) =>
      graph.input(...cache(`past_key_values.${layer}.${part}`, 'batch', 'past')),
    ) as [Value, Value];
    const parts = ['query', 'key', 'value'].map((name) => graph.fresh(name)) as [string, string, string];
    graph.nodeWithOutputs('Split', [layers.add(qkv, bias), graph.ints(width, width, width)], parts, {
      attributes: { axis: 2 },
    });
    const [q, k, v] = parts.map((part) => toHeads(layers, part, heads, width / heads)) as [Value, Value, Value];
    const present = [`present.${layer}.key`, `present.${layer}.value`] as const;
    const allKeys = graph.node('Concat', [past[0], k], { attributes: { axis: 2 }, output: present[0] });
    const allValues = graph.node('Concat', [past[1], v], { attributes: { axis: 2 }, output: present[1] });
    for (const name of present) graph.output(...cache(name, 'batch', 'total'));
    mask ??= causalMask(layers, past[0], qkv);
    return fromHeads(layers, plainAttention(layers, q, allKeys, allValues, width / heads, mask).attended, width);
  };
  const steps = Array.from({ length: config.layers }, (_, layer) => {
    const part = gptBlockKeys(keys, layer);
    return [
      selfAttention(
        layers,
        { norm: part.norm('ln_1'), qkv: part.linear('attn.qkv'), out: part.linear('attn.out') },
        width,
        attend(layer),
      ),
      mlp(
        layers,
        { norm: part.norm('ln_2'), fc: part.linear('mlp.fc'), proj: part.linear('mlp.proj') },
        width,
        4 * width,
        config.activation,
      ),
    ];
  }).flat();
  const hidden = layers.layerNorm(
    residualStack(layers, x, steps, width, config.epsilon),
    keys.finalNorm,
    width,
    config.epsilon,
  );
  const flat = graph.node('Reshape', [hidden, graph.ints(-1, width)]);
  const logits = layers.tiedProduct(flat, keys.tokenEmbedding, table, config.vocabulary, width);
  const shape = graph.node('Concat', [graph.node('Shape', [ids]), graph.ints(config.vocabulary)], {
    attributes: { axis: 0 },
  });
  graph.output(
    'logits',
    'float32',
    ['batch', 'new', 'vocabulary'],
    graph.node('Reshape', [layers.toFloat32(logits), shape]),
  );
  return graph.encode();
}

/** [1, 1, new, past + new]: a large negative number where a key is after its query. */
function causalMask(layers: Layers, pastKey: Value, fresh: Value): Value {
  const { graph } = layers;
  const length = (value: Value, axis: number) =>
    graph.node('Squeeze', [
      graph.node('Shape', [value], { attributes: { start: axis, end: axis + 1 } }),
      graph.ints(0),
    ]);
  const before = length(pastKey, 2);
  const total = graph.node('Add', [before, length(fresh, 1)]);
  const later = graph.node('Greater', [
    graph.node('Range', [graph.int(0), total, graph.int(1)]),
    graph.node('Unsqueeze', [graph.node('Range', [before, total, graph.int(1)]), graph.ints(1)]),
  ]);
  return graph.node('Unsqueeze', [
    layers.toActivations(graph.node('Where', [later, graph.float(-30_000), graph.float(0)])),
    graph.ints(0, 1),
  ]);
}
