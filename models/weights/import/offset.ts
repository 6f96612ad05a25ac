import { StudioError } from '../../errors';
import { type CheckpointFile } from '../../files/types';
import { readCheckpointFile } from '../../files/checkpoint';
import { readNpy } from '../../files/npy';

/** Keys of CapDec's file of centres. The offset in training is the negative of that in inference: image minus text. */
const keys = [
  { name: 'offset', sign: 1 },
  { name: 'offset_to_add_in_training', sign: 1 },
  { name: 'offset_to_add_in_inference', sign: -1 },
] as const;

/**
 * CapDec's modality offset, mean image minus mean text embedding [dim], from the authors' pickle of centres, a .npy,
 * .pt or .safetensors.
 * @throws weights-invalid
 */
export function readOffset({ name, source }: CheckpointFile, dim: number): Float32Array {
  if (source.size > 64 * 1024 * 1024)
    throw new StudioError('weights-invalid', `${name} has ${source.size} bytes; an offset has a few thousand.`);
  if (/\.npy$/i.test(name)) return checked(readNpy(source.read(0, source.size), name)[0]!, name, dim);
  const map = readCheckpointFile(name, source);
  const found = keys.find((key) => map.has(key.name));
  if (!found)
    throw new StudioError(
      'weights-invalid',
      `${name} has the tensors ${map.names().slice(0, 6).join(', ') || '(none)'}; expected one called ${keys.map((key) => key.name).join(' or ')}.`,
    );
  const { values } = map.get(found.name);
  return checked(
    Float32Array.from(values, (v) => v * found.sign),
    name,
    dim,
  );
}

function checked(values: Float32Array, name: string, dim: number): Float32Array {
  if (values.length !== dim)
    throw new StudioError(
      'embedding-mismatch',
      `The offset in ${name} has ${values.length} values; the weights read ${dim}. It belongs to another space.`,
    );
  if (!values.every(Number.isFinite))
    throw new StudioError('weights-invalid', `The offset in ${name} holds a value that is not finite.`);
  return values;
}
