import Papa from 'papaparse';
import { csvCell, unguarded } from '../../../kept/csv';
import { StudioError } from '../../../models/errors';
import { LinesFile } from '../../files/lines';
import type { Streams } from '../../files/streams';
import { tableColumns, tableRows } from './columns';
import { recordOf } from './record';
import type { OpenSink, SinkWishes } from './types';

type Io = Pick<Streams, 'cwd' | 'stdout'>;

/** JSON lines: a photo a line, as `caption --json` prints it, without times. Its lines are whole at any moment. */
export async function openJsonLines(io: Io, name: string, { mode }: SinkWishes): Promise<OpenSink> {
  const file = await LinesFile.open(io, name, mode);
  const done = new Set<string>();
  await orClosed(file, async () => {
    let kept = 0;
    for await (const { text, line, end } of file.records()) {
      if (text.trim()) done.add(imageIn(name, line, text));
      kept = end;
    }
    if (mode === 'resume') await file.keep(kept);
  });
  return {
    done,
    tell: [],
    write: (photo) => file.append(recordOf(photo)),
    finish: () => file.close(),
    abandon: () => file.close().catch(() => undefined),
  };
}

function imageIn(name: string, line: number, text: string): string {
  try {
    const { image } = JSON.parse(text) as { image?: unknown };
    if (typeof image === 'string') return image;
  } catch {
    // Told below.
  }
  throw strange(name, line, 'is no record of a photo {"image": "…"}');
}

const strange = (name: string, line: number, what: string) =>
  new StudioError(
    'option-invalid',
    `${name} cannot be gone on with: line ${line} ${what}. Give --overwrite to write it anew, or name another file.`,
  );

const header = tableColumns.join(',');

/** A table, a row a photo and lane (RFC 4180); what a spreadsheet would take for a formula is guarded. */
export async function openCsv(io: Io, name: string, { mode, lanes }: SinkWishes): Promise<OpenSink> {
  const file = await LinesFile.open(io, name, mode);
  const done = new Set<string>();
  await orClosed(file, async () => {
    let last: { key: string; start: number; rows: number; whole: boolean } | undefined;
    let kept = 0;
    for await (const { text, line, start, end } of file.records({ quoted: true })) {
      if (!kept && text !== header) throw strange(name, line, `does not name the columns ${header}`);
      const first = !kept;
      kept = end;
      if (first) continue;
      const cells = Papa.parse<string[]>(text, { delimiter: ',' }).data[0] ?? [];
      if (cells.length !== tableColumns.length) throw strange(name, line, 'is no row of this table');
      const key = unguarded(cells[0]!);
      if (last?.key !== key) last = { key, start, rows: 0, whole: false };
      last.rows++;
      // A photo that could not be read has one row, which names no lane.
      last.whole = last.rows >= lanes.length || !cells[tableColumns.indexOf('lane')];
      if (last.whole) done.add(key);
    }
    if (mode === 'resume') await file.keep(last && !last.whole ? last.start : kept);
    if (!kept) await file.appendText(`${header}\r\n`);
  });
  return {
    done,
    tell: [],
    write: (photo) =>
      file.appendText(
        tableRows(photo)
          .map((row) => `${tableColumns.map((column) => csvCell(cell(row[column]))).join(',')}\r\n`)
          .join(''),
      ),
    finish: () => file.close(),
    abandon: () => file.close().catch(() => undefined),
  };
}

/** Lists are JSON in their cell. */
const cell = (value: string | number | readonly (string | number)[] | undefined) =>
  Array.isArray(value) ? JSON.stringify(value) : (value as string | number | undefined);

async function orClosed(file: LinesFile, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}
