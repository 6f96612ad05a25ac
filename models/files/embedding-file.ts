import { StudioError } from '../errors';
import { isNpy, npyLayout, readNpy } from './npy';
import { exactly, type NumberArray, rowsOf } from './rows';
import { readSafetensors } from './safetensors';

export type EmbeddingRows = { rows: Float32Array[]; modality?: 'image' | 'text' };

/**
 * Rows of embeddings from a file: .npy ([dim] or [rows, dim], axes of length 1 beside), .json (numbers, rows of
 * numbers, or `{ "values": … }`), .safetensors (its one tensor, or the one called `embedding` or `embeddings`). The
 * kind is told by the content; the name is for errors. Every row must be finite in fp32, of norm above 0 and of `dim`
 * values. A .json file may tell its space, which must then be `space`, and its modality.
 * @throws embedding-invalid, embedding-mismatch
 */
export function readEmbeddingFile(name: string, bytes: Uint8Array, dim: number, space: string): EmbeddingRows {
  const { rows, modality, space: told } = readRows(name, bytes);
  if (told !== undefined && told !== space)
    throw new StudioError(
      'embedding-mismatch',
      `${name} says that it is of the space ${told}; expected ${space}. Spaces do not mix: choose the family of that space.`,
    );
  rows.forEach((row, i) => {
    const where = `${name}${rows.length > 1 ? `, row ${i + 1}` : ''}`;
    if (row.length !== dim)
      throw new StudioError(
        'embedding-mismatch',
        `${where} has ${row.length} values; the space ${space} has ${dim}. It comes from another model: name its space with --space.`,
      );
    if (!row.some((v) => v !== 0))
      throw new StudioError('embedding-invalid', `${where} is all zeros, which points nowhere.`);
  });
  return { rows, modality };
}

function readRows(name: string, bytes: Uint8Array): EmbeddingRows & { space?: string } {
  if (!bytes.byteLength) throw new StudioError('embedding-invalid', `${name} is empty (0 bytes).`);
  if (isNpy(bytes)) return { rows: readNpy(bytes, name) };
  const { array, where, space, modality } = readEmbeddingArray(name, bytes);
  return { rows: rowsOf(array, where), ...(space === undefined ? {} : { space }), ...(modality ? { modality } : {}) };
}

/** The numbers of a file that is no .npy, not looked at; `where` names them in errors. */
export type EmbeddingArray = { array: NumberArray; where: string; space?: string; modality?: 'image' | 'text' };

/** The numbers of a .json or .safetensors file with their shape, as they are. @throws embedding-invalid */
export function readEmbeddingArray(name: string, bytes: Uint8Array): EmbeddingArray {
  if (!bytes.byteLength) throw new StudioError('embedding-invalid', `${name} is empty (0 bytes).`);
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  if (/^(\xef\xbb\xbf)?\s*[[{]/.test(head)) return readJson(name, bytes);
  if (/^[^]{7}\0[{]/.test(head)) return readTensor(name, bytes);
  // What does not begin as any of them is told in the words of what it is called.
  if (/\.npy$/i.test(name)) npyLayout(bytes, name);
  if (/\.json$/i.test(name)) return readJson(name, bytes);
  if (/\.safetensors$/i.test(name)) return readTensor(name, bytes);
  throw new StudioError('embedding-invalid', `${name} is of no known kind. Expected .npy, .json or .safetensors.`);
}

function readJson(name: string, bytes: Uint8Array): EmbeddingArray {
  const expected = 'expected an array of numbers, an array of such arrays, or {"values": [...]}';
  let json: unknown;
  const text = new TextDecoder().decode(bytes);
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const odd = /[[,\s](NaN|-?Infinity)\b/.exec(text)?.[1];
    throw new StudioError(
      'embedding-invalid',
      odd
        ? `${name} holds ${odd}, which is no number of JSON. Expected finite numbers.`
        : `${name} is not JSON; ${expected}.`,
      { cause },
    );
  }
  const said = Array.isArray(json)
    ? { values: json }
    : ((json ?? {}) as { values?: unknown; space?: unknown; modality?: unknown });
  const space = typeof said.space === 'string' ? said.space : undefined;
  const modality = said.modality === 'image' || said.modality === 'text' ? said.modality : undefined;
  const dims: number[] = [];
  for (let level: unknown = said.values; Array.isArray(level); level = level[0]) dims.push(level.length);
  const values = Array.isArray(said.values) ? (said.values.flat(dims.length - 1) as unknown[]) : [];
  if (!values.length || !values.every((v) => typeof v === 'number') || !regular(said.values, dims))
    throw new StudioError('embedding-invalid', `${name} does not hold embeddings; ${expected}.`);
  return { space, modality, array: { dims, values: Float64Array.from(values) }, where: name };
}

const regular = (level: unknown, [length, ...inner]: readonly number[]): boolean =>
  length === undefined
    ? !Array.isArray(level)
    : Array.isArray(level) && level.length === length && level.every((part) => regular(part, inner));

function readTensor(name: string, bytes: Uint8Array): EmbeddingArray {
  const map = readSafetensors(bytes, name);
  const names = map.names();
  const key =
    ['embedding', 'embeddings'].find((known) => map.has(known)) ?? (names.length === 1 ? names[0] : undefined);
  if (key === undefined)
    throw new StudioError(
      'embedding-invalid',
      `${name} has the tensors ${names.join(', ') || '(none)'}; expected one, or one called "embedding".`,
    );
  const tensor = map.raw(key);
  return { array: { dims: tensor.dims, values: exactly(tensor.bytes, tensor.type) }, where: `${name}, tensor ${key}` };
}
