import { StudioError } from '../errors';
import type { WeightMap, WeightTensor } from '../networks/types';
import { Global, Opaque, readPickle } from './pickle';
import { type ElementType, elementBytes, widen } from './element-types';
import { readZip } from './zip';

class Storage {
  constructor(
    readonly type: ElementType,
    readonly bytes: Uint8Array,
    readonly key: string,
  ) {}
  get length(): number {
    return Math.floor(this.bytes.byteLength / elementBytes[this.type]);
  }
}
class StoredTensor {
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
  BoolStorage: 'U8',
};
/** torch.float32 and so on, where a file of newer PyTorch names the type itself. */
const dtypes: Record<string, ElementType> = { float32: 'F32', float16: 'F16', bfloat16: 'BF16', float64: 'F64', int64: 'I64', int32: 'I32', int16: 'I16', int8: 'I8', uint8: 'U8', bool: 'U8' };
/** Largest tensor that is built; one that repeats a small storage (stride 0) could otherwise be of any size. */
const maxElements = 2 ** 29;

/**
 * Reads a PyTorch checkpoint (the zip format of `torch.save` since 1.6, and TorchScript archives as OpenAI's CLIP comes in). The pickle
 * is read by a machine that builds tensors and plain values only: any other global is refused by name, and no code runs. Nested
 * dictionaries and modules give dotted keys. @throws weights-invalid
 */
export function readPytorch(bytes: Uint8Array, file = 'checkpoint'): WeightMap {
  const invalid = (what: string) => new StudioError('weights-invalid', `${file} cannot be read: ${what}.`);
  if (bytes[0] === 0x80) throw invalid('it is a checkpoint of PyTorch before 1.6. Load and save it once with a newer PyTorch, or convert it to safetensors');
  const files = readZip(bytes, file);
  const pickleName = [...files.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (!pickleName) throw invalid('the archive holds no data.pkl, so it is no PyTorch checkpoint');
  const folder = pickleName.slice(0, -'data.pkl'.length);
  if (new TextDecoder().decode(files.get(`${folder}byteorder`) ?? new TextEncoder().encode('little')).trim() !== 'little') throw invalid('it was written on a big-endian machine');

  const storages = new Map<string, Storage>();
  const persistent = (id: unknown): Storage => {
    if (!Array.isArray(id) || id[0] !== 'storage') throw invalid('a persistent id that is no storage');
    const [, type, key] = id as unknown[];
    const element = type instanceof Global && type.module === 'torch' ? (storageTypes[type.name] ?? dtypes[type.name]) : undefined;
    if (!element || typeof key !== 'string') throw invalid(`a storage of the unknown type ${String(type)}`);
    let storage = storages.get(key);
    if (!storage) {
      const data = files.get(`${folder}data/${key}`);
      if (!data) throw invalid(`the data of storage ${key} are missing`);
      storage = new Storage(element, data, key);
      storages.set(key, storage);
    }
    return storage;
  };
  const call = (callee: Global, args: readonly unknown[]): unknown => {
    switch (callee.toString()) {
      case 'collections.OrderedDict':
        return new Map();
      case 'torch._utils._rebuild_tensor_v2':
      case 'torch._utils._rebuild_tensor':
        return rebuild(args, invalid);
      case 'torch._utils._rebuild_parameter':
        return args[0];
      case 'torch.Size':
      case 'builtins.set':
        return args[0] ?? [];
      case 'torch.device':
        return String(args[0]);
      default:
        throw invalid(`it refers to ${callee.toString()}, which is neither a tensor nor a plain value. Save the state_dict alone`);
    }
  };
  const root = readPickle(files.get(pickleName)!, file, { call, persistent, opaque: ({ module }) => module === '__torch__' || module.startsWith('__torch__.') });

  const tensors = new Map<string, StoredTensor>();
  collect(root, '', tensors, invalid, 0);
  if (!tensors.size) throw invalid('it holds no tensor');
  return {
    has: (name) => tensors.has(name),
    names: () => [...tensors.keys()],
    get(name): WeightTensor {
      const tensor = tensors.get(name);
      if (!tensor) throw new StudioError('weights-invalid', `${file} has no tensor ${name}. It belongs to another architecture or version.`, { details: { tensor: name } });
      return { dims: tensor.dims, values: valuesOf(tensor) };
    },
  };
}

function rebuild(args: readonly unknown[], invalid: (what: string) => StudioError): StoredTensor {
  const [storage, offset, dims, strides] = args;
  const counts = (list: unknown): list is number[] => Array.isArray(list) && list.length <= 8 && list.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
  if (!(storage instanceof Storage) || !Number.isSafeInteger(offset) || (offset as number) < 0 || !counts(dims) || !counts(strides) || dims.length !== strides.length)
    throw invalid('a tensor without a valid storage, offset, shape or strides');
  const elements = dims.reduce((product, n) => product * n, 1);
  if (!Number.isSafeInteger(elements) || elements > maxElements) throw invalid(`a tensor of the absurd shape [${dims.join(', ')}]`);
  const last = (offset as number) + dims.reduce((sum, n, i) => sum + Math.max(0, n - 1) * strides[i]!, 0);
  if (elements && last >= storage.length) throw invalid(`a tensor of shape [${dims.join(', ')}] reaches to element ${last} of ${storage.length} (is the file cut?)`);
  return new StoredTensor(storage, offset as number, dims, strides);
}

/** Tensors of nested dictionaries, lists and modules under dotted keys. */
function collect(value: unknown, key: string, into: Map<string, StoredTensor>, invalid: (what: string) => StudioError, depth: number): void {
  if (depth > 64) throw invalid('it is nested deeper than 64 levels');
  if (value instanceof StoredTensor) {
    into.set(key || 'tensor', value);
    return;
  }
  const inner = value instanceof Opaque ? value.state : value;
  const entries: Iterable<[unknown, unknown]> = inner instanceof Map ? inner.entries() : Array.isArray(inner) ? inner.entries() : [];
  for (const [name, child] of entries) {
    if (typeof name !== 'string' && typeof name !== 'number') continue;
    if (child === null || typeof child !== 'object') continue;
    collect(child, key ? `${key}.${name}` : String(name), into, invalid, depth + 1);
  }
}

function valuesOf({ storage, offset, dims, strides }: StoredTensor): Float32Array {
  const elements = dims.reduce((product, n) => product * n, 1);
  const size = elementBytes[storage.type];
  let expected = 1;
  const contiguous = [...dims.keys()].reverse().every((axis) => {
    const right = dims[axis] === 1 || strides[axis] === expected;
    expected *= dims[axis]!;
    return right;
  });
  if (contiguous) return widen(storage.bytes.subarray(offset * size, (offset + elements) * size), storage.type);
  const all = widen(storage.bytes, storage.type);
  const out = new Float32Array(elements);
  const index = dims.map(() => 0);
  for (let i = 0, from = offset; i < elements; i++) {
    out[i] = all[from]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      from -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
