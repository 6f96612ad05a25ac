import { StudioError } from '../errors';
import type { ByteSource } from './byte-source';

/**
 * Where a file of the archive lies. `compressed`: it cannot be read (code of a TorchScript archive; nothing that we
 * need).
 */
export type ZipEntry = { offset: number; size: number; compressed: boolean };
export type ZipFiles = ReadonlyMap<string, ZipEntry>;

const maxEntries = 100_000;
const maxDirectoryBytes = 64 * 1024 * 1024;
const stored = 0;

/**
 * The directory of a zip archive. Only stored (uncompressed) entries can be read, as PyTorch writes them: nothing can
 * unfold into more
 * than the file itself. Zip64 is understood. @throws weights-invalid
 */
export function readZip(source: ByteSource, file: string): ZipFiles {
  const invalid = (what: string) =>
    new StudioError('weights-invalid', `${file} is not a sound zip archive: ${what}. Fetch it again.`);
  const directory = findDirectory(source, invalid);
  const bytes = source.read(directory.at, directory.size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (from: number, length: number) => {
    if (from + length > bytes.byteLength) throw invalid('its directory is damaged');
  };

  const files = new Map<string, ZipEntry>();
  const spans: { from: number; to: number; name: string }[] = [];
  let at = 0;
  for (let n = 0; n < directory.count; n++) {
    need(at, 46);
    if (view.getUint32(at, true) !== 0x02014b50) throw invalid('its directory is damaged');
    const [method, nameLength, extraLength, commentLength] = [10, 28, 30, 32].map((offset) =>
      view.getUint16(at + offset, true),
    ) as [number, number, number, number];
    need(at + 46, nameLength + extraLength + commentLength);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const { packed, size, local } = sizesOf(view, at, at + 46 + nameLength, extraLength, invalid);
    if (view.getUint16(at + 8, true) & 1) throw invalid(`${name} is encrypted`);
    if (method === stored && packed !== size) throw invalid(`${name} claims ${size} bytes and holds ${packed}`);
    if (files.has(name)) throw invalid(`${name} is in it twice`);
    const from = startOf(source, local, name, invalid);
    if (from + packed > source.size) throw invalid(`${name} lies outside the file (is it cut?)`);
    files.set(name, { offset: from, size: packed, compressed: method !== stored });
    if (packed) spans.push({ from, to: from + packed, name });
    at += 46 + nameLength + extraLength + commentLength;
  }
  spans.sort((a, b) => a.from - b.from);
  spans.forEach((span, n) => {
    const before = spans[n - 1];
    if (before && span.from < before.to) throw invalid(`${span.name} overlaps ${before.name}`);
  });
  return files;
}

type Invalid = (what: string) => StudioError;

/** Sizes and place of an entry; 64-bit ones stand in its extra field. */
function sizesOf(
  view: DataView,
  at: number,
  extra: number,
  extraLength: number,
  invalid: Invalid,
): { packed: number; size: number; local: number } {
  let [packed, size, local] = [20, 24, 42].map((offset) => view.getUint32(at + offset, true)) as [
    number,
    number,
    number,
  ];
  for (let field = extra; field + 4 <= extra + extraLength; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue;
    const end = Math.min(field + 4 + view.getUint16(field + 2, true), extra + extraLength);
    let next = field + 4;
    const wide = () => {
      if (next + 8 > end) throw invalid('a zip64 field is cut');
      const value = Number(view.getBigUint64(next, true));
      if (!Number.isSafeInteger(value)) throw invalid('a size is absurd');
      next += 8;
      return value;
    };
    if (size === 0xffffffff) size = wide();
    if (packed === 0xffffffff) packed = wide();
    if (local === 0xffffffff) local = wide();
    break;
  }
  return { packed, size, local };
}

/** First byte of an entry's data, behind its own header. */
function startOf(source: ByteSource, local: number, name: string, invalid: Invalid): number {
  if (local + 30 > source.size) throw invalid(`${name} lies outside the file (is it cut?)`);
  const head = source.read(local, 30);
  const view = new DataView(head.buffer, head.byteOffset, 30);
  if (view.getUint32(0, true) !== 0x04034b50) throw invalid(`${name} has no header of its own`);
  return local + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}

/** The central directory, by the end record: the last one within the greatest length of a comment. */
function findDirectory(source: ByteSource, invalid: Invalid): { at: number; size: number; count: number } {
  const tailSize = Math.min(source.size, 22 + 0xffff + 20);
  const from = source.size - tailSize;
  const tail = source.read(from, tailSize);
  const view = new DataView(tail.buffer, tail.byteOffset, tailSize);
  let end = tailSize - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw invalid('it has no directory at its end (is it cut?)');
  let [count, size, at] = [
    view.getUint16(end + 10, true),
    view.getUint32(end + 12, true),
    view.getUint32(end + 16, true),
  ];
  if (
    (count === 0xffff || size === 0xffffffff || at === 0xffffffff) &&
    end >= 20 &&
    view.getUint32(end - 20, true) === 0x07064b50
  ) {
    const place = Number(view.getBigUint64(end - 12, true));
    if (!Number.isSafeInteger(place) || place + 56 > source.size)
      throw invalid('the zip64 directory lies outside the file (is it cut?)');
    const record = source.read(place, 56);
    const wide = new DataView(record.buffer, record.byteOffset, 56);
    if (wide.getUint32(0, true) !== 0x06064b50) throw invalid('its zip64 directory is damaged');
    [count, size, at] = [32, 40, 48].map((offset) => Number(wide.getBigUint64(offset, true))) as [
      number,
      number,
      number,
    ];
  }
  if (!(count <= maxEntries)) throw invalid(`it claims ${count} files`);
  if (!(size <= maxDirectoryBytes)) throw invalid(`its directory claims ${size} bytes`);
  if (!Number.isSafeInteger(at) || at + size > source.size)
    throw invalid('its directory lies outside the file (is it cut?)');
  return { at, size, count };
}
