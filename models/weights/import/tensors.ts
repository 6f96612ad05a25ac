import { StudioError } from '../../errors';
import type { Checkpoint } from '../../files/types';
import { elementBytes } from '../../files/element-types';
import type { OutTensor } from './types';

export type Shapes = ReadonlyMap<string, readonly number[]>;

/** Types that a family stores as they came; all others become F32. */
const kept = new Set(['F32', 'F16', 'BF16']);

/** A tensor of a checkpoint, copied when its turn comes. */
export function copied(checkpoint: Checkpoint, key: string, as = key): OutTensor {
  const { dims, type } = checkpoint.info(key);
  const count = dims.reduce((product, n) => product * n, 1);
  if (kept.has(type))
    return { name: as, type, dims, byteLength: count * elementBytes[type], bytes: () => checkpoint.raw(key).bytes };
  return {
    name: as,
    type: 'F32',
    dims,
    byteLength: count * 4,
    bytes: () => {
      const { values } = checkpoint.get(key);
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    },
  };
}

/** A matrix [rows, columns] stored as [columns, rows]. */
export function transposed(tensor: OutTensor): OutTensor {
  const [rows, columns] = tensor.dims as [number, number];
  const size = tensor.byteLength / (rows * columns);
  return {
    ...tensor,
    dims: [columns, rows],
    bytes: () => {
      const from = tensor.bytes();
      const out = new Uint8Array(from.byteLength);
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          for (let byte = 0; byte < size; byte++)
            out[(column * rows + row) * size + byte] = from[(row * columns + column) * size + byte]!;
      return out;
    },
  };
}

/** Tensors of one type below each other along their first axis. */
export function stacked(name: string, parts: readonly OutTensor[]): OutTensor {
  const [first] = parts;
  if (!first || parts.some(({ type }) => type !== first.type))
    throw new StudioError(
      'weights-invalid',
      `The parts of ${name} are of different types: ${parts.map(({ type }) => type).join(', ')}.`,
    );
  const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return {
    name,
    type: first.type,
    dims: [parts.reduce((sum, { dims }) => sum + dims[0]!, 0), ...first.dims.slice(1)],
    byteLength,
    bytes: () => {
      const out = new Uint8Array(byteLength);
      let at = 0;
      for (const part of parts) {
        out.set(part.bytes(), at);
        at += part.byteLength;
      }
      return out;
    },
  };
}

export const floats = (name: string, dims: readonly number[], values: Float32Array): OutTensor => ({
  name,
  type: 'F32',
  dims,
  byteLength: values.byteLength,
  bytes: () => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});
export const halves = (name: string, dims: readonly number[], values: Uint16Array): OutTensor => ({
  name,
  type: 'F16',
  dims,
  byteLength: values.byteLength,
  bytes: () => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

/**
 * Checks that a checkpoint has every tensor that a network needs, each of its shape, and nothing unexpected. `ignored`:
 * known leftovers.
 * @throws weights-invalid, naming what is missing, of another shape, or not understood
 */
export function checkTensors(checkpoint: Checkpoint, expected: Shapes, ignored: RegExp, what: string): void {
  const missing = [...expected.keys()].filter((name) => !checkpoint.has(name));
  if (missing.length)
    throw refused(
      what,
      `lacks ${some(missing)}`,
      'It is another architecture, a cut file, or only a part of the checkpoint.',
    );
  const wrong = [...expected].filter(([name, dims]) => String(checkpoint.info(name).dims) !== String(dims));
  if (wrong.length) {
    const [name, dims] = wrong[0]!;
    throw refused(
      what,
      `has ${name} of shape [${checkpoint.info(name).dims.join(', ')}] where [${dims.join(', ')}] is needed${wrong.length > 1 ? `, and ${wrong.length - 1} more of another shape` : ''}`,
      'It belongs to another size of the model: choose its kind, see `models import --help`.',
    );
  }
  const unexpected = checkpoint.names().filter((name) => !expected.has(name) && !ignored.test(name));
  if (unexpected.length)
    throw refused(
      what,
      `holds tensors that the network has no place for: ${some(unexpected)}`,
      'Leaving them out would change what the model says, so nothing was imported.',
    );
}

const refused = (what: string, wrong: string, mend: string) =>
  new StudioError('weights-invalid', `This is no ${what}: it ${wrong}. ${mend}`);
const some = (names: readonly string[]) =>
  `${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;

/** A dimension of a tensor that tells a size. @throws weights-invalid when it is not there */
export function dimOf(checkpoint: Checkpoint, name: string, axis: number, what: string): number {
  const dim = checkpoint.has(name) ? checkpoint.info(name).dims[axis] : undefined;
  if (dim === undefined) throw refused(what, `lacks ${name}`, `It begins with ${some(checkpoint.names())}.`);
  return dim;
}

/** How many numbered blocks there are: `stem.0.…`, `stem.1.…`. */
export function countBlocks(checkpoint: Checkpoint, stem: string): number {
  const numbers = checkpoint
    .names()
    .flatMap((name) => (name.startsWith(`${stem}.`) ? [Number(name.slice(stem.length + 1).split('.')[0])] : []));
  return numbers.length ? Math.max(...numbers.filter(Number.isInteger)) + 1 : 0;
}

/** Whether two tensors hold the same values, bit for bit. */
export function sameTensor(checkpoint: Checkpoint, a: string, b: string): boolean {
  const [left, right] = [checkpoint.raw(a), checkpoint.raw(b)];
  if (left.type !== right.type || left.bytes.byteLength !== right.bytes.byteLength) return false;
  // Copies, because a tensor may start at any byte.
  const [x, y] = [left, right].map(({ bytes }) => new Uint16Array(bytes.slice(0, bytes.byteLength & ~1).buffer)) as [
    Uint16Array,
    Uint16Array,
  ];
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
