import { stat } from 'node:fs/promises';
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
import { noteFault, StudioError } from '../../../models/errors';
import { pathOf, type Streams } from '../../files/streams';
import { stampOf } from './pictures';

export type Row = Record<string, unknown>;

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
    const file = await asyncBufferFromFile(full);
    return new ParquetFile(path, stampOf(stats), file, await metadataOf(path, file));
  }

  /** Of bytes that are there already. @param shown what a person calls them @throws file-unreadable */
  static async of(shown: string, bytes: Uint8Array): Promise<ParquetFile> {
    const file = new Uint8Array(bytes).buffer;
    return new ParquetFile(shown, String(bytes.length), file, await metadataOf(shown, file));
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

  /** A column's field of this name, where it has fields. */
  fieldOf(column: string, field: string): { column: string; field: string } | undefined {
    const { children } = this.columns.find(({ element }) => element.name === column)!;
    return children.some(({ element }) => element.name === field) ? { column, field } : undefined;
  }

  /** Whether a column's field of this name is there, and holds anything: the file's statistics tell. */
  holds(column: string, field: string): boolean {
    const chunks = this.metadata.row_groups.flatMap(({ columns }) =>
      columns.filter(({ meta_data: chunk }) => chunk?.path_in_schema.join('.') === `${column}.${field}`),
    );
    return chunks.some(({ meta_data: chunk }) => chunk?.statistics?.null_count !== chunk?.num_values);
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

async function metadataOf(shown: string, file: AsyncBuffer): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(file);
  } catch (cause) {
    noteFault(cause);
    throw new StudioError(
      'file-unreadable',
      `${shown} is no parquet file, or is cut short: its end tells no columns. Fetch or write it anew.`,
      { cause },
    );
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
