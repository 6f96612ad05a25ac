import { StudioError } from '../errors';
import { asSource, type ByteSource } from './byte-source';
import type { Checkpoint } from './types';
import { readPickle } from './pickle';
import { readPytorchPickle } from './pytorch-legacy';
import { checkpointOf, construct, Storage, storageType } from './pytorch-tensors';
import { readZip } from './zip';

/** A pickle names tensors and their shapes; the largest known has a few hundred thousand bytes. */
const maxPickleBytes = 64 * 1024 * 1024;

/**
 * Reads a PyTorch checkpoint (the zip format of `torch.save` since 1.6, TorchScript archives as OpenAI's CLIP comes in,
 * and the older
 * format). The pickle is read by a machine that builds tensors and plain values only: any other global is refused by
 * name, and no code
 * runs. Nested dictionaries and modules give dotted keys. Tensors are read from the file when they are asked for.
 * @throws weights-invalid
 */
export function readPytorch(input: Uint8Array | ByteSource, file = 'checkpoint'): Checkpoint {
  const source = asSource(input);
  const invalid = (what: string) => new StudioError('weights-invalid', `${file} cannot be read: ${what}.`);
  if (source.size && source.read(0, 1)[0] === 0x80) return readPytorchPickle(source, file);
  const files = readZip(source, file);
  const name = [...files.keys()].find((path) => /^[^/]+\/data\.pkl$/.test(path));
  const pickle = name === undefined ? undefined : files.get(name);
  if (name === undefined || !pickle) throw invalid('the archive holds no data.pkl, so it is no PyTorch checkpoint');
  if (pickle.compressed)
    throw invalid('its data.pkl is compressed, and checkpoints are stored uncompressed. Save it again with torch.save');
  if (pickle.size > maxPickleBytes)
    throw invalid(`its pickle has ${pickle.size} bytes, more than any checkpoint needs (tensors lie beside it)`);
  const folder = name.slice(0, -'data.pkl'.length);
  const order = files.get(`${folder}byteorder`);
  if (
    order &&
    (order.size > 16 ||
      order.compressed ||
      new TextDecoder().decode(source.read(order.offset, order.size)).trim() !== 'little')
  )
    throw invalid('it was written on a big-endian machine');

  const storages = new Map<string, Storage>();
  const persistent = (id: unknown): Storage => {
    if (!Array.isArray(id) || id[0] !== 'storage') throw invalid('a persistent id that is no storage');
    const [, type, key] = id as unknown[];
    const element = storageType(type);
    if (!element || typeof key !== 'string') throw invalid(`a storage of the unknown type ${String(type)}`);
    let storage = storages.get(`${element} ${key}`);
    if (!storage) {
      const entry = files.get(`${folder}data/${key}`);
      if (!entry) throw invalid(`the data of storage ${key.slice(0, 80)} are missing`);
      if (entry.compressed)
        throw invalid(
          `the data of storage ${key} are compressed, and checkpoints are stored uncompressed. Save it again with torch.save`,
        );
      storage = new Storage(element, source, entry);
      storages.set(`${element} ${key}`, storage);
    }
    return storage;
  };
  const root = readPickle(source.read(pickle.offset, pickle.size), file, {
    call: (callee, args) => construct(callee, args, invalid),
    persistent,
    opaque: ({ module }) => module === '__torch__' || module.startsWith('__torch__.'),
  });
  return checkpointOf(root, file, invalid);
}
