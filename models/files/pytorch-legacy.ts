import { StudioError } from '../errors';
import { bytesSource, type ByteSource } from './byte-source';
import type { Checkpoint } from './types';
import { elementBytes } from './element-types';
import { type Global, readPickleAt } from './pickle';
import { checkpointOf, construct, type Invalid, Storage, storageType } from './pytorch-tensors';

/** First number of the format that `torch.save` wrote before 1.6. */
const magic = 0x1950a86a20f9469cfc6cn;
const maxPickleBytes = 64 * 1024 * 1024;

/**
 * A file that begins with a pickle: `torch.save` before 1.6 (five pickles, then the data of all storages), or tensors
 * pickled by Python
 * itself (each storage a small file of that format inside). The same restricted machine as for archives. @throws
 * weights-invalid
 */
export function readPytorchPickle(source: ByteSource, file: string): Checkpoint {
  const invalid: Invalid = (what) => new StudioError('weights-invalid', `${file} cannot be read: ${what}.`);
  return checkpointOf(load(source, file, invalid, 0), file, invalid);
}

function load(source: ByteSource, file: string, invalid: Invalid, depth: number): unknown {
  if (depth > 1) throw invalid('storages inside storages');
  const bytes = source.read(0, Math.min(source.size, maxPickleBytes));
  const call = (callee: Global, args: readonly unknown[]): unknown => {
    if (callee.toString() !== 'torch.storage._load_from_bytes') return construct(callee, args, invalid);
    if (!(args[0] instanceof Uint8Array)) throw invalid('a storage without bytes');
    return load(bytesSource(args[0]), file, invalid, depth + 1);
  };
  let at = 0;
  const next = (persistent: (id: unknown) => unknown): unknown => {
    const { value, end } = readPickleAt(bytes, at, file, { call, persistent, opaque: () => false });
    at = end;
    return value;
  };
  const none = () => {
    throw invalid('a storage outside its place');
  };
  const first = next(none);
  if (first !== magic) return first;
  if (next(none) !== 1001) throw invalid('an unknown version of the format of PyTorch before 1.6');
  const system = next(none);
  if (system instanceof Map && system.get('little_endian') === false)
    throw invalid('it was written on a big-endian machine');

  const places = new Map<string, { storage: Storage; elements: number }>();
  const root = next((id) => {
    if (!Array.isArray(id) || id[0] !== 'storage') throw invalid('a persistent id that is no storage');
    const [, type, key, , elements, view] = id as unknown[];
    const element = storageType(type);
    if (!element || typeof key !== 'string' || !Number.isSafeInteger(elements) || (elements as number) < 0)
      throw invalid(`a storage of the unknown type ${String(type)}`);
    if (view !== null && view !== undefined)
      throw invalid('a view of a storage. Load and save it once with a newer PyTorch');
    let place = places.get(key);
    if (!place) {
      // Where it lies is known once all keys are; until then it has the size that it claims.
      place = {
        storage: new Storage(element, source, { offset: 0, size: (elements as number) * elementBytes[element] }),
        elements: elements as number,
      };
      places.set(key, place);
    }
    return place.storage;
  });
  const keys = next(none);
  if (!Array.isArray(keys) || new Set(keys).size !== keys.length || keys.length !== places.size)
    throw invalid('its list of storages does not fit');
  for (const key of keys as unknown[]) {
    const place = typeof key === 'string' ? places.get(key) : undefined;
    if (!place) throw invalid('its list names a storage that no tensor has');
    if (at + 8 > source.size) throw invalid('it ends before its storages (is it cut?)');
    const head = source.read(at, 8);
    const elements = Number(new DataView(head.buffer, head.byteOffset, 8).getBigInt64(0, true));
    if (elements !== place.elements || at + 8 + place.storage.at.size > source.size)
      throw invalid('a storage has another size than it claims (is it cut?)');
    place.storage.at.offset = at + 8;
    at += 8 + place.storage.at.size;
  }
  return root;
}
