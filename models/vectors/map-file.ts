import { StudioError } from '../errors';
import { readSafetensors, writeSafetensors } from '../files/safetensors';
import type { FittedMap } from './fit-map';
import type { LinearMap } from './ridge';

/** A map as a file has it: `weight` [from, to] and `bias` [to] of safetensors, and what it is in its metadata. */
export type StoredMap = { map: LinearMap; /** The space that it leads to. */ space: string };

const format = 'caption-studio linear map 1';

export const writeMap = ({ map, pairs, lambda, heldOutCosine }: FittedMap, space: string): Uint8Array =>
  writeSafetensors(
    {
      weight: { dims: [map.from, map.to], values: Float32Array.from(map.weight) },
      bias: { dims: [map.to], values: Float32Array.from(map.bias) },
    },
    { format, space, pairs: String(pairs), lambda: String(lambda), heldOutCosine: String(heldOutCosine) },
  );

/** @throws weights-invalid for what is no map */
export function readMap(name: string, bytes: Uint8Array): StoredMap {
  const file = readSafetensors(bytes, name);
  const { format: found, space } = file.metadata;
  if (found !== format || space === undefined || !file.has('weight') || !file.has('bias'))
    throw new StudioError('weights-invalid', `${name} is no map between spaces. \`map fit\` makes one.`);
  const [weight, bias] = [file.get('weight'), file.get('bias')];
  const [from = 0, to = 0] = weight.dims;
  if (weight.dims.length !== 2 || bias.values.length !== to || !from)
    throw new StudioError(
      'weights-invalid',
      `${name} has a weight of [${weight.dims.join(', ')}] and a bias of [${bias.dims.join(', ')}], which do not fit. \`map fit\` makes one.`,
    );
  return {
    space,
    map: { from, to, weight: Float64Array.from(weight.values), bias: Float64Array.from(bias.values) },
  };
}
