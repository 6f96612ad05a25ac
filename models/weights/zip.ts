import { StudioError } from '../errors';

const maxEntries = 100_000;

/**
 * The files of a zip archive as views into it. Only stored (uncompressed) entries, as PyTorch writes them: nothing can unfold into
 * more than the file itself. Zip64 is understood. @throws weights-invalid
 */
export function readZip(bytes: Uint8Array, file: string): Map<string, Uint8Array> {
  const invalid = (what: string) => new StudioError('weights-invalid', `${file} is not a sound zip archive: ${what}. Fetch it again.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (at: number, length: number, what: string) => {
    if (!Number.isSafeInteger(at) || at < 0 || at + length > bytes.byteLength) throw invalid(`${what} lies outside the file (is it cut?)`);
  };
  const u64 = (at: number) => Number(view.getBigUint64(at, true));

  const end = findEnd(view);
  if (end < 0) throw invalid('it has no directory at its end (is it cut?)');
  let count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if ((count === 0xffff || at === 0xffffffff) && end >= 20 && view.getUint32(end - 20, true) === 0x07064b50) {
    const wide = u64(end - 12);
    need(wide, 56, 'the zip64 directory');
    if (view.getUint32(wide, true) !== 0x06064b50) throw invalid('its zip64 directory is damaged');
    count = u64(wide + 32);
    at = u64(wide + 48);
  }
  if (count > maxEntries) throw invalid(`it claims ${count} files`);

  const files = new Map<string, Uint8Array>();
  const spans: [number, number, string][] = [];
  for (let n = 0; n < count; n++) {
    need(at, 46, 'its directory');
    if (view.getUint32(at, true) !== 0x02014b50) throw invalid('its directory is damaged');
    const [method, nameLength, extraLength, commentLength] = [10, 28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [number, number, number, number];
    let [packed, size, local] = [20, 24, 42].map((offset) => view.getUint32(at + offset, true)) as [number, number, number];
    need(at + 46, nameLength + extraLength + commentLength, 'its directory');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    for (let extra = at + 46 + nameLength; extra + 4 <= at + 46 + nameLength + extraLength; extra += 4 + view.getUint16(extra + 2, true)) {
      if (view.getUint16(extra, true) !== 1) continue;
      let field = extra + 4;
      const next = () => {
        need(field, 8, 'a zip64 field');
        field += 8;
        return u64(field - 8);
      };
      if (size === 0xffffffff) size = next();
      if (packed === 0xffffffff) packed = next();
      if (local === 0xffffffff) local = next();
    }
    if (method !== 0 || packed !== size) throw invalid(`${name} is compressed; checkpoints are stored uncompressed`);
    need(local, 30, name);
    if (view.getUint32(local, true) !== 0x04034b50) throw invalid(`${name} has no header of its own`);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    need(start, size, name);
    if (files.has(name)) throw invalid(`${name} is in it twice`);
    files.set(name, bytes.subarray(start, start + size));
    spans.push([start, start + size, name]);
    at += 46 + nameLength + extraLength + commentLength;
  }
  spans.sort((a, b) => a[0] - b[0]);
  for (let n = 1; n < spans.length; n++) if (spans[n]![0] < spans[n - 1]![1] && spans[n]![1] > spans[n]![0]) throw invalid(`${spans[n]![2]} overlaps ${spans[n - 1]![2]}`);
  return files;
}

/** The end-of-directory record: the last one within the greatest length of a comment. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) if (view.getUint32(at, true) === 0x06054b50) return at;
  return -1;
}
