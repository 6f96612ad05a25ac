import { StudioError } from '../errors';
import type { WeightTensor } from '../networks/types';
import type { ByteSource } from './byte-source';
import type { Checkpoint } from './types';
import { type ElementType, elementBytes, widen } from './element-types';
import { Global, Opaque } from './pickle';

export type Invalid = (what: string) => StudioError;

/** The data of one or more tensors, somewhere in a file. */
export class Storage {
  constructor(
    readonly type: ElementType,
    readonly source: ByteSource,
    readonly at: { offset: number; size: number },
  ) {}
  get length(): number {
    return Math.floor(this.at.size / elementBytes[this.type]);
  }
}
export class StoredTensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly dims: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

const storageTypes: Record<string, ElementType> = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  DoubleStorage: 'F64',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
  // torch.float32 and so on, where a file of newer PyTorch names the type itself.
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  float64: 'F64',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};
/** The element type of a storage's global. */
export const storageType = (type: unknown): ElementType | undefined =>
  type instanceof Global && type.module === 'torch' && Object.hasOwn(storageTypes, type.name)
    ? storageTypes[type.name]
    : undefined;

/**
 * Largest tensor that is built (1 GB of fp32); one that repeats a small storage (stride 0) could otherwise be of any
 * size.
 */
const maxElements = 2 ** 28;
const maxTensors = 100_000;
/** Values that the search for tensors looks at: containers that share containers could otherwise unfold without end. */
const maxVisits = 1_000_000;

/** What a pickled call becomes: a tensor or a plain value, nothing else. */
export function construct(callee: Global, args: readonly unknown[], invalid: Invalid): unknown {
  switch (callee.toString()) {
    case 'collections.OrderedDict':
      return new Map();
    case 'torch._utils._rebuild_tensor_v2':
    case 'torch._utils._rebuild_tensor':
      return rebuild(args, invalid);
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state':
    case 'torch.jit._pickle.build_tensor_from_id':
    case 'torch.jit._pickle.build_intlist':
    case 'torch.jit._pickle.build_doublelist':
    case 'torch.jit._pickle.build_boollist':
    case 'torch.jit._pickle.build_tensorlist':
    case 'torch.jit._pickle.restore_type_tag':
      return args[0];
    case '_codecs.encode': {
      // How older pickles write bytes.
      const [text] = args;
      if (typeof text !== 'string' || args[1] !== 'latin1') throw invalid('bytes in an unknown encoding');
      return Uint8Array.from(text, (character) => character.charCodeAt(0));
    }
    case 'torch.Size':
    case 'builtins.set':
    case '__builtin__.set':
      return args[0] ?? [];
    case 'torch.device':
      return String(args[0]);
    // Plain values that training keeps beside the weights: settings, counters, paths, numpy's numbers.
    case 'collections.defaultdict':
    case 'collections.Counter':
    case 'argparse.Namespace':
    case 'lightning_fabric.utilities.data.AttributeDict':
    case 'lightning.fabric.utilities.data.AttributeDict':
    case 'pytorch_lightning.utilities.parsing.AttributeDict':
      return new Map();
    case 'pathlib.PosixPath':
    case 'pathlib.WindowsPath':
    case 'torch.torch_version.TorchVersion':
      return args.map(String).join('/');
    case 'numpy.dtype':
    case 'numpy.core.multiarray.scalar':
    case 'numpy._core.multiarray.scalar':
      return null;
    default:
      throw invalid(
        `it refers to ${callee.toString().slice(0, 120)}, which is neither a tensor nor a plain value. Save the state_dict alone: torch.save(model.state_dict(), file)`,
      );
  }
}

function rebuild(args: readonly unknown[], invalid: Invalid): StoredTensor {
  const [storage, offset, dims, strides] = args;
  const counts = (list: unknown): list is number[] =>
    Array.isArray(list) && list.length <= 8 && list.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
  if (
    !(storage instanceof Storage) ||
    !Number.isSafeInteger(offset) ||
    (offset as number) < 0 ||
    !counts(dims) ||
    !counts(strides) ||
    dims.length !== strides.length
  )
    throw invalid('a tensor without a valid storage, offset, shape or strides');
  const elements = dims.reduce((product, n) => product * n, 1);
  if (!Number.isSafeInteger(elements) || elements > maxElements)
    throw invalid(`a tensor of the absurd shape [${dims.join(', ')}]`);
  const last = (offset as number) + dims.reduce((sum, n, i) => sum + Math.max(0, n - 1) * strides[i]!, 0);
  if (elements && !(last < storage.length))
    throw invalid(
      `a tensor of shape [${dims.join(', ')}] reaches to element ${last} of ${storage.length} (is the file cut?)`,
    );
  return new StoredTensor(storage, offset as number, [...dims], [...strides]);
}

type Search = {
  tensors: Map<string, StoredTensor>;
  /** Containers around this one, so that a cycle ends. */ above: Set<unknown>;
  visits: number;
};

/** Tensors of nested dictionaries, lists and modules under dotted keys. */
function collect(value: unknown, key: string, search: Search, invalid: Invalid): void {
  const { tensors, above } = search;
  if (++search.visits > maxVisits) throw invalid(`it holds more than ${maxVisits} values`);
  const inner = value instanceof Opaque ? value.state : value;
  if (inner instanceof StoredTensor) {
    if (tensors.size >= maxTensors) throw invalid(`it holds more than ${maxTensors} tensors`);
    tensors.set(key || 'tensor', inner);
    return;
  }
  if (!(inner instanceof Map) && !Array.isArray(inner)) return;
  if (above.has(inner)) throw invalid('it contains itself');
  if (above.size > 64) throw invalid('it is nested deeper than 64 levels');
  above.add(inner);
  for (const [name, child] of inner.entries() as Iterable<[unknown, unknown]>)
    if ((typeof name === 'string' || typeof name === 'number') && child !== null && typeof child === 'object')
      collect(child, key ? `${key}.${name}` : String(name), search, invalid);
  above.delete(inner);
}

/** The tensors that an unpickled value holds, as a checkpoint. @throws weights-invalid */
export function checkpointOf(root: unknown, file: string, invalid: Invalid): Checkpoint {
  const tensors = new Map<string, StoredTensor>();
  collect(root, '', { tensors, above: new Set(), visits: 0 }, invalid);
  if (!tensors.size) throw invalid('it holds no tensor');
  const of = (key: string): StoredTensor => {
    const tensor = tensors.get(key);
    if (!tensor)
      throw new StudioError(
        'weights-invalid',
        `${file} has no tensor ${key}. It belongs to another architecture or version.`,
        { details: { tensor: key } },
      );
    return tensor;
  };
  return {
    has: (key) => tensors.has(key),
    names: () => [...tensors.keys()],
    get(key): WeightTensor {
      const tensor = of(key);
      return { dims: tensor.dims, values: widen(bytesOf(tensor), tensor.storage.type) };
    },
    info: (key) => ({ dims: of(key).dims, type: of(key).storage.type }),
    raw: (key) => ({ dims: of(key).dims, type: of(key).storage.type, bytes: bytesOf(of(key)) }),
  };
}

/** The elements of a tensor in row-major order, in the stored type. */
function bytesOf({ storage, offset, dims, strides }: StoredTensor): Uint8Array {
  const elements = dims.reduce((product, n) => product * n, 1);
  const size = elementBytes[storage.type];
  if (!elements) return new Uint8Array(0);
  const read = (from: number, count: number) => storage.source.read(storage.at.offset + from * size, count * size);
  let expected = 1;
  const contiguous = [...dims.keys()].reverse().every((axis) => {
    const right = dims[axis] === 1 || strides[axis] === expected;
    expected *= dims[axis]!;
    return right;
  });
  if (contiguous) return read(offset, elements);
  const reach = dims.reduce((sum, n, i) => sum + (n - 1) * strides[i]!, 0);
  const all = read(offset, reach + 1);
  const out = new Uint8Array(elements * size);
  const index = dims.map(() => 0);
  for (let i = 0, from = 0; i < elements; i++) {
    for (let byte = 0; byte < size; byte++) out[i * size + byte] = all[from * size + byte]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      from -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
