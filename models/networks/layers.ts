import { StudioError } from '../errors';
import { toHalves } from '../float16';
import { type Graph, microsoft, type Value } from '../onnx/graph';
import { type ChannelQuantised, quantiseBlocks, quantiseChannels } from '../onnx/quantise';
import type { Activation, GraphOptions, WeightMap, WeightTensor } from './types';

/** Where a linear layer lives in a checkpoint. */
export type LinearKeys = {
  weight: string;
  bias?: string;
  /** `linear`: weight [out, in] (PyTorch's Linear). `conv1d`: [in, out] (GPT-2, and CLIP's projections). */
  layout?: 'linear' | 'conv1d';
  /** Only these output rows of a packed matrix (for example the queries of `in_proj_weight`). Layout `linear` only. */
  rows?: { start: number; count: number };
  /** Where this layer's values begin in a bias that several layers share. Default: `rows.start`, or 0. */
  biasStart?: number;
};
export type NormKeys = { weight: string; bias: string };
/** An embedding table; `widen`: its rows are stored in half precision and must be cast. */
export type Table = { value: Value; widen: boolean };

/** q uint8 like the rows, size [..., 1]; `levels` integers from `zero` to the largest value. */
type RoundedRows = { q: Value; size: Value; zero: Value; levels: number };

/** Integers for what an activation leaves below zero: a row's largest value is worth the others from 2 on. */
const integersBelowZero = 20;
/** The least values of activations, rounded down: where their inputs are -0.752, -0.752, -0.75 and below zero. */
const leastOf: Record<Activation, number> = { gelu: -0.17, 'gelu-tanh': -0.1701, 'quick-gelu': -0.1637, relu: 0 };

/** Building blocks that write weights in the wanted precision and pick operators; one per graph. */
export class Layers {
  /**
   * Type of activations. Half precision runs as such on GPUs; on the CPU it is storage only, because its kernels
   * compute in fp32.
   */
  readonly float: 'float32' | 'float16';
  readonly onGpu: boolean;
  private readonly halfWeights: boolean;
  /** Weights that share a scale at 8 bit. */
  private readonly block: number;
  private readonly rounded = new Map<Value, RoundedRows>();
  /** The least value that an activation can have. */
  private readonly floors = new Map<Value, number>();
  private readonly vectors = new Map<string, Value>();

  constructor(
    readonly graph: Graph,
    private readonly weights: WeightMap,
    readonly options: GraphOptions,
  ) {
    this.onGpu = options.device !== 'cpu' && options.device !== 'wasm';
    // The CPU kernel rounds activations block by block too: 64 is faster than 32 (five rows: 15 %), 128 faster still
    // but coarser.
    this.block = this.onGpu ? 32 : 64;
    this.halfWeights = options.precision === 'fp16';
    this.float = this.halfWeights && this.onGpu ? 'float16' : 'float32';
  }

  /** A checkpoint tensor whose shape must be `dims`. @throws weights-invalid */
  tensor(key: string, dims: readonly number[]): WeightTensor {
    const tensor = this.weights.get(key);
    if (tensor.dims.length !== dims.length || tensor.dims.some((dim, i) => dim !== dims[i]))
      throw new StudioError(
        'weights-invalid',
        `Tensor ${key} has shape [${tensor.dims.join(', ')}]; the network needs [${dims.join(', ')}]. The checkpoint belongs to another architecture or configuration.`,
      );
    return tensor;
  }

  /** A constant in the activation type, stored in half precision where that was asked for. */
  constant(name: string, dims: readonly number[], values: Float32Array): Value {
    if (!this.halfWeights) return this.graph.constant(name, 'float32', dims, values);
    const stored = this.graph.constant(`${name}.half`, 'float16', dims, toHalves(values));
    return this.float === 'float16'
      ? stored
      : this.graph.node('Cast', [stored], { attributes: { to: 1 }, output: name });
  }

  /** A checkpoint tensor as a constant, written once however often it is used. */
  parameter(key: string, dims: readonly number[]): Value {
    let value = this.vectors.get(key);
    if (value === undefined) {
      value = this.constant(key, dims, this.tensor(key, dims).values);
      this.vectors.set(key, value);
    }
    return value;
  }

  /** A scalar in the activation type. */
  scalar(value: number): Value {
    return this.float === 'float32'
      ? this.graph.float(value)
      : this.graph.node('Cast', [this.graph.float(value)], { attributes: { to: 10 } });
  }

  /**
   * x [..., in] → [..., out]. With several keys their outputs stand side by side (queries, keys and values in one
   * product).
   * With `bias: 'later'` the caller adds the bias itself (`biasOf`), fused into its next operator.
   */
  linear(
    x: Value,
    keys: LinearKeys | readonly LinearKeys[],
    inputs: number,
    out: number,
    bias: 'now' | 'later' = 'now',
  ): Value {
    const matrix = this.matrix(keys, inputs, out);
    const first = list(keys)[0]!;
    const name = first.rows ? `${first.weight}.${first.rows.start}` : first.weight;
    const added = bias === 'now' ? this.biasOf(keys, out) : undefined;
    if (this.options.precision === 'q8') return this.quantisedProduct(x, name, matrix, inputs, out, added);
    const product = this.graph.node('MatMul', [
      x,
      this.constant(`${name}.matrix`, [inputs, out], columns(matrix, inputs, out)),
    ]);
    return added ? this.graph.node('Add', [product, added]) : product;
  }

  /** The bias vector [out] of a linear layer, or undefined when it has none. */
  biasOf(keys: LinearKeys | readonly LinearKeys[], out: number): Value | undefined {
    const parts = list(keys);
    if (parts.every((part) => part.bias === undefined)) return undefined;
    const only = parts.length === 1 ? parts[0]! : undefined;
    if (only?.bias !== undefined && !only.rows && only.biasStart === undefined) return this.parameter(only.bias, [out]);
    const values = new Float32Array(out);
    let offset = 0;
    for (const part of parts) {
      const count = this.outputsOf(part);
      if (part.bias !== undefined) {
        const stored = this.weights.get(part.bias).values;
        const start = part.biasStart ?? part.rows?.start ?? 0;
        if (stored.length < start + count)
          throw new StudioError(
            'weights-invalid',
            `Tensor ${part.bias} has ${stored.length} values; the network needs ${start + count}.`,
          );
        values.set(stored.subarray(start, start + count), offset);
      }
      offset += count;
    }
    return this.constant(this.graph.fresh(`${parts[0]!.weight}.bias`), [out], values);
  }

  /**
   * Product with a tied table [rows, width]: x [n, width] → logits [n, rows]. No second copy of the table is written in
   * fp32.
   */
  tiedProduct(x: Value, key: string, table: Table, rows: number, width: number): Value {
    if (this.options.precision !== 'q8')
      return this.graph.node('Gemm', [x, table.value], { attributes: { transB: 1 } });
    return this.quantisedProduct(
      x,
      `${key}.head`,
      { values: this.tensor(key, [rows, width]).values, layout: 'linear' },
      width,
      rows,
    );
  }

  /** Whether products at 8 bit are of integers, so that a convolution without overlap is best written as one. */
  get integers(): boolean {
    return this.options.precision === 'q8' && this.options.integers === true && this.options.device === 'cpu';
  }

  /** Product with a checkpoint tensor [out, ...] whose other axes are `inputs` values: x [..., inputs] → [..., out]. */
  flatProduct(x: Value, key: string, dims: readonly number[], inputs: number): Value {
    const { values } = this.tensor(key, dims);
    return this.quantisedProduct(x, key, { values, layout: 'linear' }, inputs, dims[0]!);
  }

  /**
   * An embedding table [rows, width]; 8 bit keeps it in half precision on the CPU (rows are looked up, not multiplied).
   */
  table(key: string, rows: number, width: number): Table {
    if (this.options.precision !== 'q8' || this.onGpu)
      return { value: this.parameter(key, [rows, width]), widen: false };
    return {
      value: this.graph.constant(
        `${key}.half`,
        'float16',
        [rows, width],
        toHalves(this.tensor(key, [rows, width]).values),
      ),
      widen: true,
    };
  }

  /** ids int64 [...] → rows of the table [..., width] in the activation type. */
  lookup(table: Table, ids: Value): Value {
    const rows = this.graph.node('Gather', [table.value, ids], { attributes: { axis: 0 } });
    return table.widen ? this.graph.node('Cast', [rows], { attributes: { to: 1 } }) : rows;
  }

  /** Rows of a small table (positions), always in the activation type. */
  positions(key: string, rows: number, width: number, indices: Value): Value {
    return this.lookup({ value: this.parameter(key, [rows, width]), widen: false }, indices);
  }

  /** rows [n, width] → [batch, n, width], with the batch of `like`. */
  repeatOverBatch(rows: Value, like: Value, n: number, width: number): Value {
    const { graph } = this;
    const batch = graph.node('Shape', [like], { attributes: { start: 0, end: 1 } });
    const shape = graph.node('Concat', [batch, graph.ints(n, width)], { attributes: { axis: 0 } });
    return graph.node('Expand', [graph.node('Unsqueeze', [rows, graph.ints(0)]), shape]);
  }

  layerNorm(x: Value, keys: NormKeys, width: number, epsilon: number): Value {
    return this.graph.node(
      'LayerNormalization',
      [x, this.parameter(keys.weight, [width]), this.parameter(keys.bias, [width])],
      {
        attributes: { axis: -1, epsilon: { float: epsilon } },
      },
    );
  }

  /**
   * sum = x + update + bias and its layer norm, in one operator, whose CPU kernel takes five times as long as the three
   * that it stands for. x: [batch, tokens, width].
   */
  skipLayerNorm(
    x: Value,
    update: Value,
    bias: Value | undefined,
    keys: NormKeys,
    width: number,
    epsilon: number,
  ): { sum: Value; normed: Value } {
    if (this.options.device === 'cpu') {
      const sum = this.graph.node('Add', [this.add(update, bias), x]);
      return { sum, normed: this.layerNorm(sum, keys, width, epsilon) };
    }
    const normed = this.graph.fresh('normed');
    const sum = this.graph.fresh('sum');
    this.graph.nodeWithOutputs(
      'SkipLayerNormalization',
      [x, update, this.parameter(keys.weight, [width]), this.parameter(keys.bias, [width]), ...(bias ? [bias] : [])],
      [normed, '', '', sum],
      { domain: microsoft, attributes: { epsilon: { float: epsilon } } },
    );
    return { sum, normed };
  }

  /** activation(x + bias). `gelu` is exact (erf), `gelu-tanh` GPT-2's approximation, `quick-gelu` x·sigmoid(1.702x). */
  activation(x: Value, kind: Activation, bias?: Value): Value {
    const value = this.activated(x, kind, bias);
    this.floors.set(value, leastOf[kind]);
    return value;
  }

  private activated(x: Value, kind: Activation, bias?: Value): Value {
    if (kind === 'gelu-tanh') return this.graph.node('FastGelu', bias ? [x, bias] : [x], { domain: microsoft });
    if (kind === 'gelu' && bias) return this.graph.node('BiasGelu', [x, bias], { domain: microsoft });
    const input = this.add(x, bias);
    if (kind === 'relu') return this.graph.node('Relu', [input]);
    if (kind === 'gelu') return this.graph.node('Gelu', [input], { domain: microsoft });
    return this.graph.node('QuickGelu', [input], { domain: microsoft, attributes: { alpha: { float: 1.702 } } });
  }

  /** log softmax over the last axis. WebGPU has no LogSoftmax: all logits would cross to the CPU in every step. */
  logSoftmax(x: Value): Value {
    const { graph } = this;
    if (!this.onGpu) return graph.node('LogSoftmax', [x], { attributes: { axis: -1 } });
    const shifted = graph.node('Sub', [x, graph.node('ReduceMax', [x], { attributes: { axes: [-1], keepdims: 1 } })]);
    const sum = graph.node('ReduceSum', [graph.node('Exp', [shifted]), graph.ints(-1)], {
      attributes: { keepdims: 1 },
    });
    return graph.node('Sub', [shifted, graph.node('Log', [sum])]);
  }

  add(x: Value, y: Value | undefined): Value {
    return y === undefined ? x : this.graph.node('Add', [x, y]);
  }

  /** A float32 input as activations, and activations as a float32 output. */
  toActivations(x: Value): Value {
    return this.float === 'float32' ? x : this.graph.node('Cast', [x], { attributes: { to: 10 } });
  }
  toFloat32(x: Value): Value {
    return this.float === 'float32' ? x : this.graph.node('Cast', [x], { attributes: { to: 1 } });
  }

  private quantisedProduct(x: Value, name: string, matrix: Matrix, inputs: number, out: number, bias?: Value): Value {
    const strides = matrix.layout === 'linear' ? { out: inputs, in: 1 } : { out: 1, in: out };
    if (this.integers)
      return this.integerProduct(x, name, quantiseChannels(matrix.values, out, inputs, strides), [inputs, out], bias);
    const { values, scales, blocks } = quantiseBlocks(matrix.values, out, inputs, this.block, strides);
    const stored = this.graph.constant(`${name}.q8`, 'uint8', [out, blocks, this.block], values);
    const scale = this.graph.constant(`${name}.scales`, 'float32', [out * blocks], scales);
    return this.graph.node('MatMulNBits', [x, stored, scale, ...(bias ? ['', '', bias] : [])], {
      domain: microsoft,
      attributes: { K: inputs, N: out, bits: 8, block_size: this.block, accuracy_level: 4 },
    });
  }

  /**
   * Each row x of activations is size / levels · (q - zero), q in 0 … 255, so that x·W is size / levels · (q - zero)·W:
   * the product of integers is exact, and a row's answer does not depend on its neighbours.
   */
  private integerProduct(
    x: Value,
    name: string,
    { values, scales }: ChannelQuantised,
    [inputs, out]: [number, number],
    bias?: Value,
  ): Value {
    const { graph } = this;
    const { q, size, zero, levels } = this.roundedRows(x);
    const product = graph.node(
      'MatMulIntegerToFloat',
      [
        q,
        graph.constant(`${name}.integers`, 'int8', [inputs, out], values),
        graph.float(1),
        graph.constant(
          `${name}.scales`,
          'float32',
          [out],
          scales.map((scale) => scale / levels),
        ),
        zero,
      ],
      { domain: microsoft },
    );
    return this.add(graph.node('Mul', [product, size]), bias);
  }

  /**
   * Rows as integers of 8 bit; made once for all that multiply the same. Between -size and size, but for activations,
   * which have a least value: theirs take few of the integers.
   */
  private roundedRows(x: Value): RoundedRows {
    const known = this.rounded.get(x);
    if (known) return known;
    const { graph } = this;
    const floor = this.floors.get(x);
    const at = floor === undefined ? 128 : floor < 0 ? integersBelowZero : 0;
    const levels = floor === undefined ? 127 : 255 - at;
    const largest = graph.node('ReduceMax', [floor === undefined ? graph.node('Abs', [x]) : x], {
      attributes: { axes: [-1], keepdims: 1 },
    });
    // Large enough for the least value; of a row of zeros every size is right.
    const size = graph.node('Max', [largest, graph.float(floor && at ? (-floor * levels) / at : 1e-30)]);
    const zero = graph.share(`uint8 ${at}`, (constant) => graph.constant(constant, 'uint8', [], Uint8Array.of(at)));
    const q = graph.node('QuantizeLinear', [graph.node('Div', [x, size]), graph.float(1 / levels), zero]);
    const made = { q, size, zero, levels };
    this.rounded.set(x, made);
    return made;
  }

  private outputsOf(keys: LinearKeys): number {
    if (keys.rows) return keys.rows.count;
    const dims = this.weights.get(keys.weight).dims;
    return keys.layout === 'conv1d' ? dims[1]! : dims[0]!;
  }

  private matrix(keys: LinearKeys | readonly LinearKeys[], inputs: number, out: number): Matrix {
    const parts = list(keys);
    if (parts.length === 1 && !parts[0]!.rows) {
      const { weight, layout = 'linear' } = parts[0]!;
      return { values: this.tensor(weight, layout === 'linear' ? [out, inputs] : [inputs, out]).values, layout };
    }
    const values = new Float32Array(out * inputs);
    let offset = 0;
    for (const part of parts) {
      const count = this.outputsOf(part);
      const stored = this.weights.get(part.weight);
      const start = (part.rows?.start ?? 0) * inputs;
      if (
        part.layout === 'conv1d' ||
        stored.dims.length !== 2 ||
        stored.dims[1] !== inputs ||
        stored.values.length < start + count * inputs ||
        offset + count * inputs > values.length
      )
        throw new StudioError(
          'weights-invalid',
          `Tensor ${part.weight} has shape [${stored.dims.join(', ')}]; the network needs ${count} rows of ${inputs}.`,
        );
      values.set(stored.values.subarray(start, start + count * inputs), offset);
      offset += count * inputs;
    }
    if (offset !== values.length)
      throw new StudioError(
        'weights-invalid',
        `${parts.map((part) => part.weight).join(' + ')} give ${offset / inputs} outputs; the network needs ${out}.`,
      );
    return { values, layout: 'linear' };
  }
}

type Matrix = { values: Float32Array; layout: 'linear' | 'conv1d' };

function list(keys: LinearKeys | readonly LinearKeys[]): readonly LinearKeys[] {
  return 'weight' in keys ? [keys] : keys;
}

/** The matrix as ONNX multiplies it: [in, out]. Transposed in tiles, so that both sides stay in the cache. */
function columns(matrix: Matrix, inputs: number, out: number): Float32Array {
  if (matrix.layout === 'conv1d') return matrix.values;
  const tile = 32;
  const { values } = matrix;
  const transposed = new Float32Array(values.length);
  for (let o = 0; o < out; o += tile)
    for (let i = 0; i < inputs; i += tile)
      for (let row = o; row < Math.min(out, o + tile); row++)
        for (let column = i; column < Math.min(inputs, i + tile); column++)
          transposed[column * out + row] = values[row * inputs + column]!;
  return transposed;
}
