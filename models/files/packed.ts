import { StudioError } from '../errors';
import type { WeightMap } from '../networks/types';
import type { ByteSource } from './byte-source';
import { readSafetensors } from './safetensors';

const packing = 'int8';
const scaleSuffix = '.scale';

/**
 * A family's safetensors file, plain or packed. A packed one says so in its metadata (`packed`: `int8`, `block`: the
 * weights that share a
 * scale). There a tensor of type I8 has `NAME.scale` beside it, F16 [rows, ceil(width / block)]: its rows are those of
 * its first dimension,
 * their width the product of the others, and a weight is its integer (-127 to 127) times the scale of its block of the
 * row. Tensors of other types are
 * as in a plain file. `get` widens one tensor at a time to fp32; scales are not among the `names`.
 * models/training/packed.py writes it.
 * @throws weights-invalid
 */
export function readWeights(input: Uint8Array | ByteSource, file = 'weight file'): WeightMap {
  const stored = readSafetensors(input, file);
  const invalid = (what: string) =>
    new StudioError('weights-invalid', `${file} is not a soundly packed file: ${what}. Fetch the family again.`);
  const names = stored.names();
  const isPacked = (name: string) => stored.info(name).type === 'I8';
  const { packed, block: blockText = '' } = stored.metadata;
  if (packed === undefined) {
    const lost = names.find((name) => isPacked(name) && stored.has(name + scaleSuffix));
    if (lost !== undefined)
      throw invalid(`tensor ${lost} is stored in 8 bits, but the metadata do not say how ("packed" is missing)`);
    return stored;
  }
  if (packed !== packing)
    throw new StudioError(
      'weights-invalid',
      `${file} is packed as "${packed}", which this version of the studio cannot read (it reads "${packing}"). Update the studio.`,
    );
  const block = Number(blockText);
  if (!/^\d+$/.test(blockText) || block < 16 || block > 1024)
    throw invalid(`its metadata give the block size "${blockText}"; expected a whole number from 16 to 1024`);
  for (const name of names) {
    if (isPacked(name)) checkScale(name);
    else if (name.endsWith(scaleSuffix) && !stored.has(name.slice(0, -scaleSuffix.length)))
      throw invalid(`${name} stands without its tensor`);
  }
  const isScale = (name: string) => name.endsWith(scaleSuffix) && isPacked(name.slice(0, -scaleSuffix.length));
  const shown = new Set(names.filter((name) => !isScale(name)));

  function checkScale(name: string): void {
    if (!stored.has(name + scaleSuffix))
      throw invalid(`tensor ${name} is stored in 8 bits and has no ${name}${scaleSuffix}`);
    const { dims } = stored.info(name);
    const scale = stored.info(name + scaleSuffix);
    if (scale.type !== 'F16') throw invalid(`${name}${scaleSuffix} has type ${scale.type}; expected F16`);
    const [rows, width] = rowsOf(dims);
    const wanted = [rows, Math.ceil(width / block)];
    if (scale.dims.length !== 2 || scale.dims[0] !== wanted[0] || scale.dims[1] !== wanted[1])
      throw invalid(
        `${name}${scaleSuffix} has shape [${scale.dims.join(', ')}]; tensor ${name} of [${dims.join(', ')}] in blocks of ${block} needs [${wanted.join(', ')}]`,
      );
  }

  return {
    has: (name) => shown.has(name),
    names: () => [...shown],
    get(name) {
      if (!shown.has(name) || !isPacked(name)) return stored.get(name);
      const { dims, bytes } = stored.raw(name);
      const scales = stored.get(name + scaleSuffix).values;
      if (!scales.every((value) => value >= 0 && value < Infinity))
        throw invalid(`${name}${scaleSuffix} holds a scale that is negative or not finite`);
      const integers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return { dims, values: unpack(integers, scales, rowsOf(dims)[1], block) };
    },
  };
}

function rowsOf(dims: readonly number[]): [rows: number, width: number] {
  const [rows = 1, ...rest] = dims;
  return [rows, rest.reduce((product, n) => product * n, 1)];
}

/** Exact in fp32: seven bits times the eleven of a half. */
function unpack(integers: Int8Array, scales: Float32Array, width: number, block: number): Float32Array {
  const values = new Float32Array(integers.length);
  let cell = 0;
  for (let row = 0; row < integers.length; row += width)
    for (let start = row; start < row + width; start += block) {
      const scale = scales[cell++]!;
      const end = Math.min(start + block, row + width);
      for (let i = start; i < end; i++) values[i] = integers[i]! * scale;
    }
  return values;
}
