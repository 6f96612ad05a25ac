import { StudioError } from '../errors';
import { readNpy } from './npy';
import { readSafetensors } from './safetensors';

export type EmbeddingRows = { rows: Float32Array[]; modality?: 'image' | 'text' };

/**
 * Rows of embeddings from a file: .npy ([dim] or [rows, dim]), .json (numbers, rows of numbers, or `{ "values": … }`),
 * .safetensors (its
 * one tensor, or the one called `embedding` or `embeddings`). Every row must be finite, of norm above 0 and of `dim`
 * values. A .json
 * file may tell its space, which must then be `space`, and its modality. @throws embedding-invalid, embedding-mismatch
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
    if (!row.every(Number.isFinite))
      throw new StudioError('embedding-invalid', `${where} holds a value that is not finite (NaN or infinity).`);
    if (!row.some((v) => v !== 0))
      throw new StudioError('embedding-invalid', `${where} is all zeros, which points nowhere.`);
  });
  return { rows, modality };
}

function readRows(name: string, bytes: Uint8Array): EmbeddingRows & { space?: string } {
  if (name.endsWith('.npy')) return { rows: readNpy(bytes) };
  if (name.endsWith('.json')) return readJson(name, bytes);
  if (name.endsWith('.safetensors')) return { rows: readTensor(name, bytes) };
  throw new StudioError('embedding-invalid', `${name} is of no known kind. Expected .npy, .json or .safetensors.`);
}

function readJson(name: string, bytes: Uint8Array): EmbeddingRows & { space?: string } {
  const expected = 'expected an array of numbers, an array of such arrays, or {"values": [...]}';
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new StudioError('embedding-invalid', `${name} is not JSON; ${expected}.`, { cause });
  }
  const said = Array.isArray(json)
    ? { values: json }
    : ((json ?? {}) as { values?: unknown; space?: unknown; modality?: unknown });
  const list = said.values;
  const space = typeof said.space === 'string' ? said.space : undefined;
  const modality = said.modality === 'image' || said.modality === 'text' ? said.modality : undefined;
  const numbers = (row: unknown): row is number[] =>
    Array.isArray(row) && row.length > 0 && row.every((v) => typeof v === 'number');
  if (numbers(list)) return { space, modality, rows: [Float32Array.from(list)] };
  if (Array.isArray(list) && list.length && list.every(numbers))
    return { space, modality, rows: list.map((row) => Float32Array.from(row)) };
  throw new StudioError('embedding-invalid', `${name} does not hold embeddings; ${expected}.`);
}

function readTensor(name: string, bytes: Uint8Array): Float32Array[] {
  const map = readSafetensors(bytes, name);
  const names = map.names();
  const key =
    ['embedding', 'embeddings'].find((known) => map.has(known)) ?? (names.length === 1 ? names[0] : undefined);
  if (key === undefined)
    throw new StudioError(
      'embedding-invalid',
      `${name} has the tensors ${names.join(', ') || '(none)'}; expected one, or one called "embedding".`,
    );
  const { dims, values } = map.get(key);
  if (dims.length < 1 || dims.length > 2)
    throw new StudioError(
      'embedding-invalid',
      `${name}: tensor ${key} has the shape [${dims.join(', ')}]; expected [dim] or [rows, dim].`,
    );
  const dim = dims[dims.length - 1]!;
  return Array.from({ length: dims.length === 2 ? dims[0]! : 1 }, (_, row) => values.slice(row * dim, (row + 1) * dim));
}
