import { examples } from '../../kept/captions/examples';
import { StudioError } from '../../models/errors';
import { demandColumn, readRecords } from '../files/records';
import type { Keys } from './keys';

/** Usual names of the column that has a row's key, the surest first. */
const keyColumns = [
  'key',
  'image',
  'file_name',
  'filename',
  'file',
  'path',
  'image_path',
  'name',
  'id',
  'row',
  'index',
];

/**
 * Labels of the rows of a matrix from a column of a table (CSV or JSON lines), joined by the rows' keys; a table
 * without keys that has as many rows as the matrix is taken in its order. `tell`: what a person should know of it.
 * @throws option-invalid for a column that is not there, a key twice, and where no key is known
 */
export function labelsOf(
  name: string,
  bytes: Uint8Array,
  { column, keys, rows }: { column: string; keys: Keys; rows: number },
): { labels: (string | undefined)[]; tell: string[] } {
  const { columns, records } = readRecords(name, bytes);
  demandColumn(name, columns, column);
  const keyColumn = keyColumns.find((known) => known !== column && columns.includes(known));
  const labels = new Array<string | undefined>(rows).fill(undefined);
  if (keyColumn === undefined) {
    if (records.length !== rows)
      throw new StudioError(
        'option-invalid',
        `${name} has ${records.length} rows and no column with keys (${keyColumns.slice(0, 4).join(', ')} …), and there are ${rows} vectors. Give it a column "key", or a row for each vector in their order.`,
      );
    records.forEach(({ cells }, row) => (labels[row] = cells[column] || undefined));
    return {
      labels,
      tell: [`${name} has no column with keys: its rows are taken in their order.`, ...without(labels)],
    };
  }
  const lines = new Map<number, number>();
  const strange: string[] = [];
  for (const { line, cells } of records) {
    const key = cells[keyColumn] ?? '';
    const row = keys.row(key);
    if (row === undefined) {
      strange.push(key);
      continue;
    }
    if (lines.has(row))
      throw new StudioError(
        'option-invalid',
        `${name}, line ${line}: ${keyColumn} "${key}" is there already, on line ${lines.get(row)}. A row has one label.`,
      );
    lines.set(row, line);
    labels[row] = cells[column] || undefined;
  }
  if (!lines.size)
    throw new StudioError(
      'option-invalid',
      `None of the ${records.length} keys of ${name} (${keyColumn}: ${examples(strange, 'keys')}) is a key of the vectors, which are called ${examples(
        Array.from({ length: Math.min(rows, 9) }, (_, row) => keys.of(row)),
        'keys',
      )}.`,
    );
  const tell = strange.length
    ? [
        `${name}: ${strange.length} of ${records.length} keys are no vector's (${examples(strange, 'keys')}) and are left out.`,
      ]
    : [];
  return { labels, tell: [...tell, ...without(labels)] };
}

function without(labels: readonly (string | undefined)[]): string[] {
  const count = labels.filter((label) => label === undefined).length;
  return count ? [`${count} of ${labels.length} vectors have no label and are left out.`] : [];
}
