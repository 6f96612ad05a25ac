import { StudioError } from '../errors';
import { type Attribute, microsoft, type Value } from '../onnx/graph';
import type { Layers } from './layers';

/**
 * How cached self-attention is written. `multi-head` is the fused operator with a mask made in the graph, and takes any
 * number of new
 * tokens at any batch. `group-query` is the fused operator for GPUs; it needs batch 1 when several new tokens follow a
 * past.
 * `plain` uses elementary ONNX operators only. `held` leaves the cache where it lies: past and new are attended to
 * apart, and only what is new comes back (runtime/held-session.ts).
 */
export type AttentionOperator = 'multi-head' | 'group-query' | 'plain' | 'held';

/** Added to a forbidden score; far below any score and inside the range of half precision. */
const forbidden = -30_000;

/**
 * Causal self-attention over a key/value cache. Declares the inputs `past_key.{l}`, `past_value.{l}` and `beam_index`
 * and the
 * outputs `present_key.{l}`, `present_value.{l}`; rows of the past are re-ordered by `beam_index` before they are used.
 * `held` has no `beam_index`: a row continues its own, of whose positions the mask tells which there are. Its outputs
 * are `new_key.{l}`, `new_value.{l}`, and where no bias is given it declares the input `causal_bias`
 * [1,1,new,held+new].
 */
export class CachedAttention {
  private mask: Value | undefined;
  private readonly beamIndex: Value | undefined;
  private readonly groupQuery: { lengths: Value; total: Value } | undefined;
  private readonly headSize: number;

  constructor(
    private readonly layers: Layers,
    private readonly width: number,
    private readonly heads: number,
    private readonly operator: AttentionOperator,
    /** [1 or batch, 1, new, past + new], added to the scores of every layer in place of the graph's causal mask. */
    private readonly bias?: Value,
  ) {
    const { graph } = layers;
    this.headSize = width / heads;
    if (operator !== 'held') this.beamIndex = graph.input('beam_index', 'int64', ['batch']);
    if (operator === 'group-query' && this.headSize % 8 !== 0)
      throw new StudioError(
        'device-failed',
        `A language model of ${heads} heads of ${this.headSize} values cannot run on ${layers.options.device}: its attention needs a multiple of 8 values a head. Run the lane on WASM or on the server.`,
      );
    if (operator === 'group-query')
      this.groupQuery = {
        lengths: graph.input('seqlens_k', 'int32', ['batch']),
        total: graph.input('total_sequence_length', 'int32', []),
      };
  }

  /**
   * qkv [batch, new, 3·width] (bias not yet added) → attended values [batch, new, width]. `mask` [batch, 1, new, total]
   * stands in place of the causal one; the operator for GPUs takes none, so elementary ones take its place there.
   */
  attend(layer: number, qkv: Value, bias: Value | undefined, mask?: Value): Value {
    const { graph, float } = this.layers;
    const cache = (name: string, batch: string, length: string) =>
      [name, float, [batch, this.heads, length, this.headSize]] as const;
    if (this.operator === 'held') {
      const held = ['key', 'value'].map((part) => graph.input(...cache(`past_${part}.${layer}`, 'batch', 'held')));
      const fresh = ['key', 'value'].map((part) => `new_${part}.${layer}`);
      const attended = this.heldNodes(qkv, bias, mask ?? this.bias ?? this.causalBias(), held, fresh);
      for (const name of fresh) graph.output(...cache(name, 'batch', 'new'));
      return attended;
    }
    const past = ['key', 'value'].map((part) => {
      const input = graph.input(...cache(`past_${part}.${layer}`, 'past_batch', 'past'));
      return graph.node('Gather', [input, this.beamIndex!], { attributes: { axis: 0 } });
    }) as [Value, Value];
    const present: [Value, Value] = [`present_key.${layer}`, `present_value.${layer}`];
    const operator = mask && this.operator === 'group-query' ? 'plain' : this.operator;
    const attended =
      operator === 'group-query'
        ? this.groupQueryNode(qkv, bias, past, present)
        : this[operator === 'plain' ? 'plainNodes' : 'multiHeadNode'](
            qkv,
            bias,
            mask ?? this.bias ?? this.causalMask(past[0], qkv),
            past,
            present,
          );
    for (const name of present) graph.output(...cache(name, 'batch', 'total'));
    return attended;
  }

  private multiHeadNode(
    qkv: Value,
    bias: Value | undefined,
    mask: Value,
    past: [Value, Value],
    present: [Value, Value],
  ): Value {
    const { graph } = this.layers;
    const [q, k, v] = split(this.layers, qkv, this.width);
    const out = graph.fresh('attended');
    graph.nodeWithOutputs('MultiHeadAttention', [q, k, v, bias ?? '', '', mask, ...past], [out, ...present], {
      domain: microsoft,
      attributes: { num_heads: this.heads },
    });
    return out;
  }

  private groupQueryNode(qkv: Value, bias: Value | undefined, past: [Value, Value], present: [Value, Value]): Value {
    const { graph } = this.layers;
    const out = graph.fresh('attended');
    graph.nodeWithOutputs(
      'GroupQueryAttention',
      [
        this.layers.add(qkv, bias),
        '',
        '',
        ...past,
        this.groupQuery!.lengths,
        this.groupQuery!.total,
        // No rotary caches, no positions. The operator forbids what is later besides.
        ...(this.bias === undefined ? [] : ['', '', '', this.bias]),
      ],
      [out, ...present],
      {
        domain: microsoft,
        attributes: { num_heads: this.heads, kv_num_heads: this.heads },
      },
    );
    return out;
  }

  private plainNodes(
    qkv: Value,
    bias: Value | undefined,
    mask: Value,
    past: [Value, Value],
    present: [Value, Value],
  ): Value {
    const { graph } = this.layers;
    const [q, k, v] = split(this.layers, this.layers.add(qkv, bias), this.width).map((part) =>
      toHeads(this.layers, part, this.heads, this.headSize),
    ) as [Value, Value, Value];
    const keys = graph.node('Concat', [past[0], k], { attributes: { axis: 2 }, output: present[0] });
    const values = graph.node('Concat', [past[1], v], { attributes: { axis: 2 }, output: present[1] });
    const { attended } = plainAttention(this.layers, q, keys, values, this.headSize, mask);
    return fromHeads(this.layers, attended, this.width);
  }

  /** Scores of past and of new stand side by side for one softmax; neither keys nor values are ever put together. */
  private heldNodes(
    qkv: Value,
    bias: Value | undefined,
    mask: Value,
    held: readonly Value[],
    fresh: readonly Value[],
  ): Value {
    const { graph } = this.layers;
    const [keys, values] = fresh as [Value, Value];
    const all = toHeads(this.layers, this.layers.add(qkv, bias), 3 * this.heads, this.headSize);
    const query = graph.fresh('query');
    graph.nodeWithOutputs('Split', [all, graph.ints(this.heads, this.heads, this.heads)], [query, keys, values], {
      attributes: { axis: 1 },
    });
    // Scaled before the product: with a factor of its own the product first copies the keys into another order.
    const scaled = graph.node('Mul', [query, this.layers.scalar(1 / Math.sqrt(this.headSize))]);
    const scoresOf = (of: Value) =>
      graph.node('FusedMatMul', [scaled, of], { domain: microsoft, attributes: { transB: 1 } });
    const scores = graph.node('Concat', [scoresOf(held[0]!), scoresOf(keys)], { attributes: { axis: 3 } });
    const probabilities = graph.node('Softmax', [graph.node('Add', [scores, mask])], { attributes: { axis: -1 } });
    const lengths = graph.share('held and new', (output) =>
      graph.node(
        'Concat',
        [held[0]!, keys].map((of) => graph.node('Shape', [of], { attributes: { start: 2, end: 3 } })),
        { attributes: { axis: 0 }, output },
      ),
    );
    const parts = [graph.fresh('of_held'), graph.fresh('of_new')] as const;
    graph.nodeWithOutputs('Split', [probabilities, lengths], parts, { attributes: { axis: 3 } });
    const attended = graph.node('Add', [
      graph.node('MatMul', [parts[0], held[1]!]),
      graph.node('MatMul', [parts[1], values]),
    ]);
    return fromHeads(this.layers, attended, this.width);
  }

  private causalBias(): Value {
    const { graph } = this.layers;
    return graph.share('causal_bias', (name) => graph.input(name, 'float32', [1, 1, 'new', 'held_and_new']));
  }

  /** [1, 1, new, past + new]: zero where a key is not after its query. Made once and shared by all layers. */
  private causalMask(pastKey: Value, qkv: Value): Value {
    if (this.mask !== undefined) return this.mask;
    const { graph } = this.layers;
    const length = (x: Value, axis: number) =>
      graph.node('Squeeze', [graph.node('Shape', [x], { attributes: { start: axis, end: axis + 1 } }), graph.ints(0)]);
    const before = length(pastKey, 2);
    const total = graph.node('Add', [before, length(qkv, 1)]);
    const keys = graph.node('Range', [graph.int(0), total, graph.int(1)]);
    const queries = graph.node('Unsqueeze', [graph.node('Range', [before, total, graph.int(1)]), graph.ints(1)]);
    const later = graph.node('Greater', [keys, queries]);
    const mask = graph.node('Where', [later, graph.float(forbidden), graph.float(0)]);
    return (this.mask = graph.node('Unsqueeze', [this.layers.toActivations(mask), graph.ints(0, 1)]));
  }
}

/** Attention of every token to every token, no mask: qkv [batch, tokens, 3·width] → [batch, tokens, width]. */
export function fullAttention(
  layers: Layers,
  qkv: Value,
  bias: Value | undefined,
  width: number,
  heads: number,
): Value {
  return layers.graph.node('MultiHeadAttention', [...split(layers, qkv, width), ...(bias ? [bias] : [])], {
    domain: microsoft,
    attributes: { num_heads: heads },
  });
}

/** Queries [batch, n, width] attend to keys and values [batch, m, width] (or [batch, heads, m, width / heads]). */
export function crossAttention(layers: Layers, query: Value, key: Value, value: Value, heads: number): Value {
  const attributes: Record<string, Attribute> = { num_heads: heads };
  return layers.graph.node('MultiHeadAttention', [query, key, value], { domain: microsoft, attributes });
}

/** softmax(q·kᵀ / sqrt(headSize) + mask) · v, with its probabilities. q, k, v: [batch, heads, tokens, headSize]. */
export function plainAttention(
  layers: Layers,
  q: Value,
  k: Value,
  v: Value,
  headSize: number,
  mask?: Value,
): { attended: Value; probabilities: Value } {
  const { graph } = layers;
  const scaled = graph.node('Mul', [q, layers.scalar(1 / Math.sqrt(headSize))]);
  const scores = graph.node('MatMul', [scaled, graph.node('Transpose', [k], { attributes: { perm: [0, 1, 3, 2] } })]);
  const probabilities = graph.node('Softmax', [layers.add(scores, mask)], { attributes: { axis: -1 } });
  return { attended: graph.node('MatMul', [probabilities, v]), probabilities };
}

/** [batch, tokens, width] → [batch, heads, tokens, headSize]. */
export function toHeads(layers: Layers, x: Value, heads: number, headSize: number): Value {
  const { graph } = layers;
  return graph.node('Transpose', [graph.node('Reshape', [x, graph.ints(0, 0, heads, headSize)])], {
    attributes: { perm: [0, 2, 1, 3] },
  });
}

/** [batch, heads, tokens, headSize] → [batch, tokens, width]. */
export function fromHeads(layers: Layers, x: Value, width: number): Value {
  const { graph } = layers;
  return graph.node('Reshape', [
    graph.node('Transpose', [x], { attributes: { perm: [0, 2, 1, 3] } }),
    graph.ints(0, 0, width),
  ]);
}

/** [batch, tokens, 3·width] → queries, keys, values. */
function split(layers: Layers, qkv: Value, width: number): [Value, Value, Value] {
  const { graph } = layers;
  const parts: [Value, Value, Value] = [graph.fresh('query'), graph.fresh('key'), graph.fresh('value')];
  graph.nodeWithOutputs('Split', [qkv, graph.ints(width, width, width)], parts, { attributes: { axis: 2 } });
  return parts;
}
