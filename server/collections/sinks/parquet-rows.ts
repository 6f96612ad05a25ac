import type { SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { tableColumns, type TableRow } from './columns';

const text = (name: string): SchemaElement[] => [
  {
    name,
    type: 'BYTE_ARRAY',
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
    repetition_type: 'OPTIONAL',
  },
];
const number = (name: string, type: 'DOUBLE' | 'INT64'): SchemaElement[] => [
  { name, type, repetition_type: 'OPTIONAL' },
];
const list = (name: string, [element]: SchemaElement[]): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  element!,
];

const schema: SchemaElement[] = [
  { name: 'schema', num_children: tableColumns.length },
  ...tableColumns.flatMap((name) => {
    if (name === 'captions') return list(name, text('element'));
    if (name === 'similarities') return list(name, number('element', 'DOUBLE'));
    if (name === 'similarity') return number(name, 'DOUBLE');
    if (name === 'seed') return number(name, 'INT64');
    return text(name);
  }),
];

/** A buffer that is handed on, while the places in the file are counted on. */
class Buffered extends ByteWriter {
  take(): Uint8Array {
    const bytes = this.getBytes().slice();
    this.index = 0;
    return bytes;
  }
}

/** Rows as a parquet file, packed by snappy: the bytes of one row group after another, and of the end. */
export class ParquetRows {
  readonly #buffer = new Buffered();
  readonly #writer = new ParquetWriter({ writer: this.#buffer, schema, createdBy: 'caption-studio' });

  group(rows: readonly TableRow[]): Uint8Array {
    const columnData = tableColumns.map((name): ColumnSource => ({ name, data: rows.map((row) => cell(row, name)) }));
    void this.#writer.write({ columnData, rowGroupSize: rows.length });
    return this.#buffer.take();
  }

  end(): Uint8Array {
    void this.#writer.finish();
    return this.#buffer.take();
  }
}

function cell(row: TableRow, name: (typeof tableColumns)[number]): unknown {
  const value = row[name];
  if (name === 'seed') return Number.isSafeInteger(value) ? BigInt(value as number) : null;
  return value ?? null;
}
