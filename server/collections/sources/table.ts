import Papa from 'papaparse';

import { isObject, textsOf } from '../../../kept/captions/collect';
import { listed } from '../../../kept/captions/table';
import { textOf } from '../../../kept/captions/text';
import { unguarded } from '../../../kept/csv';
import { StudioError } from '../../../models/errors';
import { columnOf, namesPhoto } from './columns';
import type { Entry } from './entries';

type Read = { entries: Entry[]; tell: string[] };

/** A list: a path or address a line; where it holds zero bytes they part the names, which may then hold line ends. */
export function readList(file: string, bytes: Uint8Array): Read {
  if (bytes.includes(0)) {
    const names = new TextDecoder().decode(bytes).split('\0').filter(Boolean);
    return { entries: names.map((value, i) => ({ value, where: `${file}, name ${i + 1}` })), tell: [] };
  }
  const { text, notes } = textOf(file, bytes);
  const entries = text
    .split(/\r?\n/)
    .flatMap((line, i) => (line.trim() ? [{ value: line, where: `${file}, line ${i + 1}` }] : []));
  return { entries, tell: notes };
}

/** JSON lines: an object a line. A line that is none, or names no photo, is the fault of that line alone. */
export function readJsonLines(file: string, bytes: Uint8Array, column: string | undefined): Read {
  const { text, notes } = textOf(file, bytes);
  const rows: { where: string; record: Record<string, unknown> | undefined }[] = [];
  text.split('\n').forEach((line, i) => {
    if (!line.trim()) return;
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch {
      record = undefined;
    }
    rows.push({ where: `${file}, line ${i + 1}`, record: isObject(record) ? record : undefined });
  });
  return { entries: ofRecords(file, rows, column), tell: notes };
}

/** Objects that name a photo each. @throws option-invalid where none has the column */
export function ofRecords(
  file: string,
  rows: readonly { where: string; record: Record<string, unknown> | undefined }[],
  column: string | undefined,
): Entry[] {
  if (!rows.length) return [];
  const names = new Set(rows.flatMap(({ record }) => Object.keys(record ?? {})));
  const name = columnOf(file, [...names], column);
  return merged(
    rows.map(({ where, record }) => {
      // COCO's results name images by their numbers.
      const cell = record?.[name];
      const value = typeof cell === 'number' ? String(cell) : cell;
      return {
        where,
        value:
          typeof value === 'string' && value
            ? value
            : new StudioError(
                'file-unreadable',
                record
                  ? `${where}: "${name}" names no photo. Expected a path or an address.`
                  : `${where}: this is not JSON. Expected one object a line: {"${name}": "name.jpg"}.`,
              ),
        references: record ? referencesOf(record, name) : [],
        imageId: idOf(record?.image_id ?? record?.cocoid),
      };
    }),
  );
}

/** CSV (RFC 4180), or parted by tabs or semicolons; the first row names the columns, unless it names a photo itself. */
export function readTable(file: string, bytes: Uint8Array, column: string | undefined): Read {
  const { text, notes } = textOf(file, bytes);
  const first = text.split('\n', 1)[0]!;
  const delimiter = [',', '\t', ';'].reduce((a, b) => (first.split(b).length > first.split(a).length ? b : a));
  const rows: { where: string; cells: string[] }[] = [];
  let [line, start] = [1, 0];
  Papa.parse<string[]>(text, {
    delimiter,
    step({ data: cells, errors, meta }) {
      const where = `${file}, line ${line}`;
      for (; start < meta.cursor; start++) if (text.charCodeAt(start) === 10) line++;
      if (cells.every((cell) => !cell.trim())) return;
      if (errors.some(({ type }) => type === 'Quotes'))
        throw new StudioError(
          'file-unreadable',
          `${where}: a quotation mark is not closed. Double each that is part of a text ("").`,
        );
      rows.push({ where, cells });
    },
  });
  if (!rows[0]) return { entries: [], tell: notes };
  const bare = column === undefined && namesPhoto(rows[0].cells[0]!.trim());
  const header = bare
    ? rows[0].cells.map((_, i, { length }) => (i ? (i === length - 1 ? 'caption' : '') : 'image'))
    : rows.shift()!.cells.map((cell) => cell.trim());
  columnOf(file, header, column);
  // The studio's own tables guard their cells.
  const own = header.includes('familyHash') ? unguarded : (cell: string) => cell.trim();
  const records = rows.map(({ where, cells }) => ({
    where,
    record: Object.fromEntries(header.map((name, i): [string, unknown] => [name, listed(own(cells[i] ?? ''))])),
  }));
  return { entries: ofRecords(file, records, column), tell: notes };
}

/** Captions beside the column that names the photo. */
export function referencesOf(record: Record<string, unknown>, column: string): string[] {
  const { [column]: _, ...rest } = record;
  return textsOf(rest);
}
/** Rows of one photo with a caption each are one photo with many captions; without captions they stay apart. */
export function merged(entries: readonly Entry[]): Entry[] {
  if (!entries.some(({ references }) => references?.length)) return [...entries];
  const byValue = new Map<unknown, Entry>();
  for (const entry of entries) {
    const key = typeof entry.value === 'string' ? (entry.key ?? entry.value) : entry;
    const before = byValue.get(key);
    byValue.set(
      key,
      before ? { ...before, references: [...(before.references ?? []), ...(entry.references ?? [])] } : entry,
    );
  }
  return [...byValue.values()];
}

export const idOf = (id: unknown): number | string | undefined =>
  typeof id === 'number' || typeof id === 'string' ? id : typeof id === 'bigint' ? Number(id) : undefined;
