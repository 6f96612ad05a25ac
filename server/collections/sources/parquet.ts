import { basename } from 'node:path';
import {
  asyncBufferFromFile,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { stat } from 'node:fs/promises';
import { captionKeys } from '../../../kept/captions/collect';
import { noteFault, StudioError } from '../../../models/errors';
import { refuseSize } from '../../../models/spaces/image-kind';
import { pathOf, type Streams } from '../../files/streams';
import { columnOf } from './columns';
import type { Entry } from './entries';
import { type Picture, stampOf } from './pictures';
import { idOf, merged, referencesOf } from './table';

type Row = Record<string, unknown>;

/** The library's LZ4 does not know the empty page (of a column without a value), which is one byte. */
const lz4 = (page: Uint8Array, size: number) => (size ? compressors.LZ4_RAW!(page, size) : new Uint8Array());
const unpacking: Compressors = { ...compressors, LZ4_RAW: lz4 };

/** A parquet file whose rows can be read in any order, the row groups of the last ones kept. */
export class ParquetFile {
  readonly #groups = new Map<string, Promise<Row[]>>();

  private constructor(
    readonly shown: string,
    readonly stamp: string,
    private readonly file: AsyncBuffer,
    private readonly metadata: FileMetaData,
  ) {}

  /** @throws file-unreadable in words */
  static async open(io: Pick<Streams, 'cwd'>, path: string): Promise<ParquetFile> {
    const full = pathOf(io, path);
    const stats = await stat(full).catch((cause: unknown) => {
      throw new StudioError('file-unreadable', `There is no file ${path}. Check the path.`, { cause });
    });
    try {
      const file = await asyncBufferFromFile(full);
      return new ParquetFile(path, stampOf(stats), file, await parquetMetadataAsync(file));
    } catch (cause) {
      noteFault(cause);
      throw new StudioError(
        'file-unreadable',
        `${path} is no parquet file, or is cut short: its end tells no columns. Fetch or write it anew.`,
        { cause },
      );
    }
  }

  get rows(): number {
    return Number(this.metadata.num_rows);
  }
  /** The columns, with what they are made of. */
  get columns(): readonly SchemaTree[] {
    return parquetSchema(this.metadata).children;
  }

  /**
   * All rows, of these columns alone. @param inside of a column of fields only this one, so that pictures beside it
   * are not read @throws file-unreadable
   */
  async read(columns: readonly string[], inside?: { column: string; field: string }): Promise<Row[]> {
    if (!columns.length || !this.rows) return Array.from({ length: this.rows }, () => ({}));
    const metadata = inside ? onlyField(this.metadata, inside.column, inside.field) : this.metadata;
    return this.#reading({ columns: [...columns], metadata });
  }

  /** One value; a row group at a time is unpacked, and the last two are kept. @throws file-unreadable */
  async value(column: string, row: number): Promise<unknown> {
    let start = 0;
    for (const { num_rows: count } of this.metadata.row_groups) {
      const end = start + Number(count);
      if (row < end) {
        const key = `${column} ${start}`;
        const group =
          this.#groups.get(key) ?? this.#reading({ columns: [column], rowStart: start, rowEnd: end, utf8: false });
        this.#groups.delete(key);
        this.#groups.set(key, group);
        group.catch(() => undefined);
        if (this.#groups.size > 2) this.#groups.delete(this.#groups.keys().next().value!);
        return (await group)[row - start]?.[column];
      }
      start = end;
    }
    return undefined;
  }

  close(): void {
    this.#groups.clear();
  }

  async #reading(what: {
    columns: string[];
    metadata?: FileMetaData;
    rowStart?: number;
    rowEnd?: number;
    utf8?: boolean;
  }): Promise<Row[]> {
    try {
      return await parquetReadObjects({ metadata: this.metadata, ...what, file: this.file, compressors: unpacking });
    } catch (cause) {
      noteFault(cause);
      throw new StudioError(
        'file-unreadable',
        `${this.shown} is damaged: its columns ${what.columns.join(', ')} cannot be unpacked. Fetch or write it anew.`,
        { cause },
      );
    }
  }
}

/** As if a column of fields had one field: neither the others nor what they hold are read then. */
function onlyField(metadata: FileMetaData, column: string, field: string): FileMetaData {
  const tree = parquetSchema(metadata).children.find(({ element }) => element.name === column)!;
  const kept = tree.children.find(({ element }) => element.name === field)!;
  const at = metadata.schema.indexOf(tree.element);
  const size = (node: SchemaTree): number => 1 + node.children.reduce((sum, child) => sum + size(child), 0);
  const schema = [...metadata.schema];
  const first = schema.indexOf(kept.element);
  schema.splice(at, size(tree), { ...tree.element, num_children: 1 }, ...schema.slice(first, first + size(kept)));
  return {
    ...metadata,
    schema,
    row_groups: metadata.row_groups.map((group) => ({
      ...group,
      columns: group.columns.filter(({ meta_data: chunk }) => {
        const [top, next] = chunk?.path_in_schema ?? [];
        return top !== column || next === field;
      }),
    })),
  };
}

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
    return bytes;
  }
}

/**
 * Photos of a parquet table: a column of paths or addresses, of pictures, or of `{bytes, path}` as the datasets library
 * writes them. Pictures are called by their path where it tells them apart, else by the file and their row; captions
 * beside them come along. @throws option-invalid that says which columns there are, file-unreadable
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
  const field = (name: string) => children.some((child) => child.element.name === name);
  const captions = captionKeys.filter((name) => names.includes(name) && name !== column);
  const ids = ['image_id', 'cocoid'].filter((name) => names.includes(name) && name !== column);
  const bytes = children.length ? field('bytes') : !isText(element) && holdsPicture(await table.value(column, 0));
  const beside = bytes && children.length && field('path') ? { column, field: 'path' } : undefined;
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
function onlyPictures(columns: readonly SchemaTree[]): string | undefined {
  const found = columns.filter(({ children }) => children.some(({ element }) => element.name === 'bytes'));
  return found.length === 1 ? found[0]!.element.name : undefined;
}

function named(value: unknown, column: string, where: string): string | StudioError {
  if (typeof value === 'string' && value) return value;
  const path = (value as { path?: unknown } | null | undefined)?.path;
  if (typeof path === 'string' && path) return path;
  return new StudioError('file-unreadable', `${where}: "${column}" names no photo. Expected a path or an address.`);
}
