import { basename } from 'node:path';
import type { SchemaTree } from 'hyparquet';
import { captionKeys } from '../../../kept/captions/collect';
import { StudioError } from '../../../models/errors';
import { refuseSize } from '../../../models/spaces/image-kind';
import type { Streams } from '../../files/streams';
import { columnOf } from './columns';
import type { Entry } from './entries';
import { ParquetFile, type Row } from './parquet-file';
import type { Picture } from './pictures';
import { idOf, merged, referencesOf } from './table';

/** A picture that a row holds. */
class RowPicture implements Picture {
  constructor(
    private readonly from: ParquetFile,
    private readonly column: string,
    private readonly row: number,
  ) {}
  get path(): string {
    return `${this.from.shown}:row ${this.row + 1}`;
  }
  get stamp(): string {
    return `${this.from.stamp}:${this.row}`;
  }
  async read(): Promise<Uint8Array> {
    const value = await this.from.value(this.column, this.row);
    const bytes = value instanceof Uint8Array ? value : (value as { bytes?: unknown } | null | undefined)?.bytes;
    if (!(bytes instanceof Uint8Array))
      throw new StudioError('file-unreadable', `${this.path}: "${this.column}" holds no picture.`);
    refuseSize(bytes.length);
    // Not a view of all that its row group unpacks to.
    return bytes.slice();
  }
}

/**
 * Photos of a parquet table: a column of paths or addresses, of pictures, or of `{bytes, path}` as the datasets library
 * writes them. Pictures are called by their path where it tells them apart, else by the file and their row (open.ts:
 * also where another file has a name that they have); captions beside them come along.
 * @throws option-invalid that says which columns there are, file-unreadable
 */
export async function readParquet(
  io: Pick<Streams, 'cwd'>,
  path: string,
  wanted: string | undefined,
): Promise<{ entries: Entry[]; tell: string[]; close(): void }> {
  const table = await ParquetFile.open(io, path);
  const { columns } = table;
  const names = columns.map(({ element }) => element.name);
  const column = columnOf(path, names, wanted ?? onlyPictures(columns));
  const { element, children } = columns.find((one) => one.element.name === column)!;
  const captions = captionKeys.filter((name) => names.includes(name) && name !== column);
  const ids = ['image_id', 'cocoid'].filter((name) => names.includes(name) && name !== column);
  const bytes = children.length
    ? table.holds(column, 'bytes')
    : !isText(element) && holdsPicture(await table.value(column, 0));
  const beside = bytes ? table.fieldOf(column, 'path') : undefined;
  const rows = await table.read([...captions, ...ids, ...(bytes && !beside ? [] : [column])], beside);
  const where = (i: number) => `${path}, row ${i + 1}`;
  const more = (row: Row) => ({ references: referencesOf(row, column), imageId: idOf(row.image_id ?? row.cocoid) });
  if (!bytes) {
    const entries = rows.map((row, i) => ({
      value: named(row[column], column, where(i)),
      where: where(i),
      ...more(row),
    }));
    return { entries: merged(entries), tell: [], close: () => table.close() };
  }
  const paths = rows.map((row) => (row[column] as { path?: unknown } | null | undefined)?.path);
  const telling = paths.every((one) => typeof one === 'string' && one) && new Set(paths).size === paths.length;
  const tell =
    beside && !telling && paths.some(Boolean)
      ? [`${path}: the paths in "${column}" do not tell its pictures apart; they are called by their rows.`]
      : [];
  const entries = rows.map((row, i) => ({
    key: telling ? (paths[i] as string) : `${basename(path)}:${i + 1}`,
    otherKey: `${path}:${i + 1}`,
    value: new RowPicture(table, column, i),
    where: where(i),
    ...more(row),
  }));
  return { entries, tell, close: () => table.close() };
}

const isText = ({ converted_type: type, logical_type: logical }: SchemaTree['element']) =>
  type === 'UTF8' || type === 'ENUM' || type === 'JSON' || logical?.type === 'STRING';

/** Old writers do not tell texts from bytes: a picture holds zeros or is no text, a path is one. */
function holdsPicture(value: unknown): boolean {
  if (!(value instanceof Uint8Array)) return false;
  const text = new TextDecoder().decode(value.subarray(0, 64));
  return text.includes('\0') || text.includes('\ufffd');
}

/** The only column of `{bytes, path}`, whatever it is called. */
export function onlyPictures(columns: readonly SchemaTree[]): string | undefined {
  const found = columns.filter(({ children }) => children.some(({ element }) => element.name === 'bytes'));
  return found.length === 1 ? found[0]!.element.name : undefined;
}

/** A path or an address of a cell, also where it lies in a field. */
export function textIn(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : (value as { path?: unknown } | null | undefined)?.path;
  return typeof text === 'string' && text ? text : undefined;
}

const named = (value: unknown, column: string, where: string): string | StudioError =>
  textIn(value) ??
  new StudioError('file-unreadable', `${where}: "${column}" names no photo. Expected a path or an address.`);
