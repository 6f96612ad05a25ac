import Papa from 'papaparse';
import { isObject } from '../../kept/captions/collect';
import { textOf } from '../../kept/captions/text';
import { StudioError } from '../../models/errors';

/** A row of a table, its cells by column, and the line on which it begins. */
export type TableRecord = { line: number; cells: Readonly<Record<string, string>> };

/**
 * The rows of a table: CSV, parted by commas, tabs or semicolons, whose first row names the columns; or JSON lines, an
 * object each, whose numbers and booleans are cells as they are written. @param name for errors
 * @throws option-invalid with the line of what is neither
 */
export function readRecords(name: string, bytes: Uint8Array): { columns: string[]; records: TableRecord[] } {
  const { text } = textOf(name, bytes);
  return /^\s*\{/.test(text) ? jsonRecords(name, text) : csvRecords(name, text);
}

function jsonRecords(name: string, text: string) {
  const columns = new Set<string>();
  const records: TableRecord[] = [];
  text.split('\n').forEach((line, i) => {
    if (!line.trim()) return;
    let object: unknown;
    try {
      object = JSON.parse(line);
    } catch {
      object = undefined;
    }
    if (!isObject(object))
      throw new StudioError('option-invalid', `${name}, line ${i + 1}: this is no JSON object. Expected one a line.`);
    const cells: Record<string, string> = {};
    for (const [column, value] of Object.entries(object)) {
      columns.add(column);
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
        cells[column] = String(value);
    }
    records.push({ line: i + 1, cells });
  });
  return { columns: [...columns], records };
}

function csvRecords(name: string, text: string) {
  const first = text.split('\n', 1)[0]!;
  const delimiter = [',', '\t', ';'].reduce((a, b) => (first.split(b).length > first.split(a).length ? b : a));
  let columns: string[] | undefined;
  const records: TableRecord[] = [];
  let [line, start] = [1, 0];
  Papa.parse<string[]>(text, {
    delimiter,
    step({ data, errors, meta }) {
      const at = line;
      for (; start < meta.cursor; start++) if (text.charCodeAt(start) === 10) line++;
      if (data.every((cell) => !cell.trim())) return;
      if (errors.some(({ type }) => type === 'Quotes'))
        throw new StudioError(
          'option-invalid',
          `${name}, line ${at}: a quotation mark is not closed. Double each that is part of a text ("").`,
        );
      if (!columns) columns = data.map((cell) => cell.trim());
      else
        records.push({
          line: at,
          cells: Object.fromEntries(columns.map((column, i) => [column, (data[i] ?? '').trim()])),
        });
    },
  });
  if (!columns) throw new StudioError('option-invalid', `${name} is empty: there is no table in it.`);
  return { columns, records };
}

/** @throws option-invalid that says which columns there are */
export function demandColumn(name: string, columns: readonly string[], wanted: string): void {
  if (!columns.includes(wanted))
    throw new StudioError('option-invalid', `${name} has no column "${wanted}". It has ${columns.join(', ')}.`);
}
