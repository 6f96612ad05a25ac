import { StudioError } from '../../models/errors';
import type { Matrix } from '../../models/vectors/matrix';
import { readBytes } from '../files/read-bytes';
import { nameOf, type Streams } from '../files/streams';

/** What the rows of a matrix are called, each otherwise. */
export type Keys = {
  readonly named: boolean;
  of(row: number): string;
  /** The row of that key; undefined where there is none. */
  row(key: string): number | undefined;
};

/** Rows that nobody named are called by their numbers, from 0, as NumPy counts them. */
export const rowNumbers = (rows: number): Keys => ({
  named: false,
  of: String,
  row: (key) => (/^(0|[1-9]\d*)$/.test(key) && Number(key) < rows ? Number(key) : undefined),
});

/** Keys that are given, each otherwise. */
export function namedKeys(keys: readonly string[]): Keys {
  const rows = new Map(keys.map((key, row) => [key, row]));
  return { named: true, of: (row) => keys[row]!, row: (key) => rows.get(key) };
}

/**
 * Keys from a JSON list of strings, or a text with one a line. @throws file-unreadable, and option-invalid for keys
 * that are not as many as the rows, and for one that is there twice
 */
export async function readKeys(io: Pick<Streams, 'cwd' | 'stdin'>, file: string, matrix: Matrix): Promise<Keys> {
  const name = nameOf(file);
  const keys = listOf(name, new TextDecoder().decode(await readBytes(io, file)));
  if (keys.length !== matrix.rows)
    throw new StudioError(
      'option-invalid',
      `${name} has ${keys.length} keys and ${matrix.name} ${matrix.rows} rows; expected a key a row, in their order. Name another list by --keys.`,
    );
  const rows = new Map<string, number>();
  keys.forEach((key, row) => {
    const before = rows.get(key);
    if (before !== undefined)
      throw new StudioError(
        'option-invalid',
        `${name} has the key "${key}" twice, for the rows ${before} and ${row}. Each row needs one of its own.`,
      );
    rows.set(key, row);
  });
  return namedKeys(keys);
}

function listOf(name: string, text: string): string[] {
  if (!/^\s*\[/.test(text)) return text.replace(/\r?\n$/, '').split(/\r?\n/);
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw new StudioError('option-invalid', `${name} is not JSON. Expected a list of the rows' keys: ["a.jpg", …].`, {
      cause,
    });
  }
  const odd = (list as unknown[]).findIndex((key) => typeof key !== 'string' && typeof key !== 'number');
  if (odd >= 0) throw new StudioError('option-invalid', `${name}: entry ${odd} is no key. Expected a list of strings.`);
  return (list as unknown[]).map(String);
}
