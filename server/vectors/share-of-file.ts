import { elementBytes } from '../../models/files/element-types';
import { RowShare } from '../../models/vectors/row-share';
import { FileHandleSource } from '../weights/file-source';
import type { ShareOfFile } from './search-messages';

/** Bytes read at once. */
const piece = 16 * 2 ** 20;

/** Rows as a file has them, read into memory. @throws file-unreadable, storage-full */
export function shareOfFile({ path, offset, first, rows, dim, type }: ShareOfFile): RowShare {
  const share = new RowShare(rows, dim, type, first);
  const source = new FileHandleSource(path);
  try {
    const rowBytes = dim * elementBytes[type];
    const atOnce = Math.max(1, Math.floor(piece / rowBytes));
    for (let from = 0; from < rows; from += atOnce) {
      const count = Math.min(atOnce, rows - from);
      const place = share.place(from, count);
      const start = offset + (first + from) * rowBytes;
      if (share.plain) source.readInto(place, start);
      else {
        const bytes = source.read(start, count * rowBytes);
        for (let row = 0; row < count; row++)
          place.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), row * share.rowBytes);
      }
    }
  } finally {
    source.close();
  }
  return share;
}
