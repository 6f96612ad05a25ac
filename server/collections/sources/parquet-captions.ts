import { captionKeys } from '../../../kept/captions/collect';
import { StudioError } from '../../../models/errors';
import { columnOf, usualColumn } from './columns';
import { onlyPictures, textIn } from './parquet';
import { ParquetFile } from './parquet-file';
import { idOf } from './table';

/** Whether bytes are a parquet file, by how they begin. */
export const isParquet = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PAR1';

/**
 * Captions of a parquet table as JSON lines, as other files of captions are read: of a collection's own table by lane,
 * of any other the column of captions beside the one that names the images.
 * @param file its name, for errors @throws references-invalid, option-invalid, file-unreadable
 */
export async function captionLines(file: string, bytes: Uint8Array): Promise<Uint8Array> {
  const table = await ParquetFile.of(file, bytes);
  const names = table.columns.map(({ element }) => element.name);
  const own = ['key', 'lane', 'familyHash', 'caption', 'error'];
  const lines: unknown[] = [];
  if (own.every((name) => names.includes(name))) {
    for (const { key, lane, caption, error } of await table.read(['key', 'lane', 'caption', 'error']))
      if (!error) lines.push({ image: key, captions: [{ decoder: lane, caption: caption ?? '' }] });
  } else {
    const captions = captionKeys.find((name) => names.includes(name));
    if (captions === undefined)
      throw new StudioError('references-invalid', `${file} has no column of captions. It has ${names.join(', ')}.`);
    const ids = ['image_id', 'cocoid'].filter((name) => names.includes(name));
    const found = usualColumn(names) ?? onlyPictures(table.columns);
    const image = found ?? (ids.length ? undefined : columnOf(file, names, undefined));
    const inside = image === undefined ? undefined : table.fieldOf(image, 'path');
    const rows = await table.read([captions, ...ids, ...(image === undefined ? [] : [image])], inside);
    for (const row of rows)
      lines.push({
        image: image === undefined ? undefined : textIn(row[image]),
        image_id: idOf(row.image_id ?? row.cocoid),
        captions: row[captions] ?? null,
      });
  }
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
