import { StudioError } from '../errors';
import { Message } from './protobuf';

/** Element types that our graphs use, with their ONNX numbers. */
const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;
/** A dimension: a fixed size, or the name of one that is known only at run time. */
export type Dimension = number | string;
/** The name of a value in the graph. An empty name leaves out an optional input. */
export type Value = string;
/** `{ float: 2 }` marks a float attribute, because JavaScript does not tell 2.0 from 2. */
export type Attribute = number | string | readonly number[] | { float: number };
type ConstantData = Float32Array | Uint16Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

/** The operator sets that the graphs are written for (ONNX 17, and onnxruntime's own com.microsoft). */
export const microsoft = 'com.microsoft';
const operatorSets = [
  ['', 17],
  [microsoft, 1],
] as const;
const irVersion = 8;
/** Protobuf readers refuse a message of 2 GiB; larger models need files beside the graph. */
const largestModel = 2 ** 31 - 1;

/** One ONNX graph under construction. Nodes must be added in the order in which they run. */
export class Graph {
  private readonly nodes: Message[] = [];
  private readonly constants: Message[] = [];
  private readonly inputs: Message[] = [];
  private readonly outputs: Message[] = [];
  private readonly named = new Set<string>();
  private readonly shared = new Map<string, Value>();
  private counter = 0;

  constructor(private readonly name: string) {}

  input(name: string, type: ElementType, dims: readonly Dimension[]): Value {
    this.claim(name);
    this.inputs.push(valueInfo(name, type, dims));
    return name;
  }

  /** Names `value` as an output of the graph. */
  output(name: string, type: ElementType, dims: readonly Dimension[], value: Value = name): void {
    if (value !== name) this.node('Identity', [value], { output: name });
    this.outputs.push(valueInfo(name, type, dims));
  }

  /** A constant tensor (initializer). The data is referenced until the model is encoded, never changed. */
  constant(name: string, type: ElementType, dims: readonly number[], data: ConstantData): Value {
    const elements = dims.reduce((product, dim) => product * dim, 1);
    if (elements !== data.length)
      throw new StudioError(
        'weights-invalid',
        `Constant ${name} of graph ${this.name} has ${data.length} values; its shape [${dims.join(', ')}] needs ${elements}.`,
      );
    this.claim(name);
    const tensor = new Message();
    for (const dim of dims) tensor.integer(1, dim);
    tensor.integer(2, elementTypes[type]).text(8, name);
    tensor.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.constants.push(tensor);
    return name;
  }

  /** A one-dimensional int64 constant (shapes, axes, indices); equal ones are stored once. */
  ints(...values: number[]): Value {
    return this.share(`ints[${values.join(',')}]`, (name) =>
      this.constant(name, 'int64', [values.length], BigInt64Array.from(values, BigInt)),
    );
  }

  /** A zero-dimensional int64 constant. */
  int(value: number): Value {
    return this.share(`int(${value})`, (name) => this.constant(name, 'int64', [], BigInt64Array.of(BigInt(value))));
  }

  /** A zero-dimensional fp32 constant. */
  float(value: number): Value {
    return this.share(`float(${value})`, (name) => this.constant(name, 'float32', [], Float32Array.of(value)));
  }

  /** Adds a node with one output and returns that output's name. */
  node(
    operator: string,
    inputs: readonly Value[],
    options: { attributes?: Record<string, Attribute>; domain?: string; output?: string } = {},
  ): Value {
    const output = options.output ?? this.fresh(operator);
    this.nodeWithOutputs(operator, inputs, [output], options);
    return output;
  }

  /** Adds a node with named outputs (an empty name leaves one out). */
  nodeWithOutputs(
    operator: string,
    inputs: readonly Value[],
    outputs: readonly Value[],
    options: { attributes?: Record<string, Attribute>; domain?: string } = {},
  ): void {
    const node = new Message();
    for (const input of inputs) node.text(1, input);
    for (const output of outputs) {
      if (output) this.claim(output);
      node.text(2, output);
    }
    node.text(3, `${operator}_${this.counter++}`).text(4, operator);
    for (const [name, value] of Object.entries(options.attributes ?? {})) node.message(5, attribute(name, value));
    if (options.domain) node.text(7, options.domain);
    this.nodes.push(node);
  }

  /** A value name that nothing else has. */
  fresh(hint: string): Value {
    return `${hint}:${this.counter++}`;
  }

  /** The finished ONNX model. @throws weights-invalid when it would reach protobuf's limit of 2 GiB. */
  encode(): Uint8Array {
    const graph = new Message();
    for (const node of this.nodes) graph.message(1, node);
    graph.text(2, this.name);
    for (const constant of this.constants) graph.message(5, constant);
    for (const input of this.inputs) graph.message(11, input);
    for (const output of this.outputs) graph.message(12, output);
    const model = new Message().integer(1, irVersion).text(2, 'caption-studio').message(7, graph);
    for (const [domain, version] of operatorSets) model.message(8, new Message().text(1, domain).integer(2, version));
    if (model.byteLength > largestModel)
      throw new StudioError(
        'weights-invalid',
        `The graph ${this.name} would take ${model.byteLength} bytes; one ONNX file holds at most ${largestModel}. Choose the precision fp16 or q8.`,
      );
    return model.encode();
  }

  share(name: string, make: (name: string) => Value): Value {
    const known = this.shared.get(name);
    if (known !== undefined) return known;
    const value = make(name);
    this.shared.set(name, value);
    return value;
  }

  private claim(name: string): void {
    if (this.named.has(name)) throw new StudioError('internal', `Graph ${this.name} names two values ${name}.`);
    this.named.add(name);
  }
}

function valueInfo(name: string, type: ElementType, dims: readonly Dimension[]): Message {
  const shape = new Message();
  for (const dim of dims)
    shape.message(1, typeof dim === 'string' ? new Message().text(2, dim) : new Message().integer(1, dim));
  const tensorType = new Message().integer(1, elementTypes[type]).message(2, shape);
  return new Message().text(1, name).message(2, new Message().message(1, tensorType));
}

function attribute(name: string, value: Attribute): Message {
  const message = new Message().text(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return message.text(4, value).integer(20, 3);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  for (const item of value) message.integer(8, item);
  return message.integer(20, 7);
}
