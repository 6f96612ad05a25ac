import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { extract, type Header } from 'tar-stream';
import { StudioError } from '../../models/errors';
import { why } from '../errors/why';

/** A file of an archive: its path there, and where its bytes lie. */
export type TarMember = { path: string; offset: number; size: number };
export type TarIndex = {
  /** In the order of the archive; of a path that comes twice the later one, as unpacking leaves it. */
  members: TarMember[];
  /** Links whose target is not in the archive, and the target. */
  dangling: Map<string, string>;
  /** Where the archive stops being one. What comes before is whole. */
  fault: { offset: number; what: string } | undefined;
  /** It ends after a member without the zeros that end an archive: whether more was there cannot be told. */
  unended: boolean;
};

type Link = { path: string; target: string; hard: boolean };

/**
 * The files of a .tar: ustar, pax and GNU long names. Hard and symbolic links stand for the file that they lead to;
 * folders, and what macOS adds beside each file (`._name`), are left out. Reads the archive through once, without
 * keeping what it holds. @param shown what a person calls it @throws file-unreadable where not even the first header is
 * one
 */
export async function readTarIndex(path: string, size: number, shown: string): Promise<TarIndex> {
  const files = new Map<string, TarMember>();
  const links: Link[] = [];
  const archive = extract();
  const source = createReadStream(path);
  source.on('error', (error) => archive.destroy(error));
  let end = 0;
  let last: string | undefined;
  let fault: TarIndex['fault'];
  try {
    for await (const entry of source.pipe(archive)) {
      const header = entry.header as Header & { byteOffset: number };
      const name = plain(header.name);
      const bytes = header.type === 'directory' ? 0 : (header.size ?? 0);
      if (header.byteOffset + bytes > size) {
        fault = { offset: size, what: `it is cut short inside ${name}` };
        break;
      }
      end = header.byteOffset + Math.ceil(bytes / 512) * 512;
      last = name;
      entry.resume();
      if (posix.basename(name).startsWith('._')) continue;
      if (header.type === 'file' || header.type === 'contiguous-file') {
        files.delete(name);
        files.set(name, { path: name, offset: header.byteOffset, size: bytes });
      } else if ((header.type === 'link' || header.type === 'symlink') && header.linkname)
        links.push({ path: name, target: header.linkname, hard: header.type === 'link' });
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== undefined && /^E[A-Z]+$/.test(code))
      throw new StudioError('file-unreadable', `${shown} cannot be read: ${why(cause)}.`, { cause });
    // Of a whole archive without a last block's padding nothing lacks.
    if (end < size) {
      if (last === undefined)
        throw new StudioError('file-unreadable', noArchive(shown, await beginning(path)), { cause });
      fault = { offset: end, what: `after ${last} comes what is no header of an archive` };
    }
  } finally {
    source.destroy();
  }
  const { found, dangling } = follow(links, files);
  return {
    members: [...files.values(), ...found].sort((a, b) => a.offset - b.offset),
    dangling,
    fault,
    unended: !fault && last !== undefined && size < end + 512,
  };
}

/** Larger ones are no photos. */
const mostBytes = 2 ** 30;

/** The bytes of a member. @throws file-unreadable, image-too-large */
export async function readMember(file: FileHandle, { path, offset, size }: TarMember): Promise<Uint8Array> {
  if (size > mostBytes)
    throw new StudioError('image-too-large', `${path} in the archive has ${Math.round(size / 2 ** 20)} MB: no photo.`);
  const bytes = new Uint8Array(size);
  const { bytesRead } = await file.read(bytes, 0, size, offset);
  if (bytesRead < size)
    throw new StudioError('file-unreadable', `${path} in the archive is cut short at byte ${offset + bytesRead}.`);
  return bytes;
}

/** As references name it: without the `./` that `tar -c .` writes. */
const plain = (name: string) => posix.normalize(name).replace(/^(\.?\/)+/, '');

/** What links lead to; a link may lead to a link. A target is a path from the root, a symbolic one from its folder. */
function follow(links: readonly Link[], files: ReadonlyMap<string, TarMember>) {
  const targets = new Map(
    links.map(({ path, target, hard }) => [path, plain(hard ? target : posix.join(posix.dirname(path), target))]),
  );
  const found: TarMember[] = [];
  const dangling = new Map<string, string>();
  for (const { path, target } of links) {
    if (files.has(path)) continue;
    let at: string | undefined = path;
    for (let step = 0; step <= targets.size && at !== undefined && !files.has(at); step++) at = targets.get(at);
    const file = at === undefined ? undefined : files.get(at);
    if (file) found.push({ ...file, path });
    else dangling.set(path, target);
  }
  return { found, dangling };
}

async function beginning(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(6), 0, 6, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const packed: [string, number[], string][] = [
  ['compressed with bzip2', [0x42, 0x5a, 0x68], 'bunzip2'],
  ['compressed with xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a], 'unxz'],
  ['compressed with zstd', [0x28, 0xb5, 0x2f, 0xfd], 'unzstd'],
  ['a .zip', [0x50, 0x4b, 0x03, 0x04], 'unzip'],
];

function noArchive(path: string, begins: Uint8Array): string {
  const kind = packed.find(([, bytes]) => bytes.every((byte, i) => begins[i] === byte));
  return kind
    ? `${path} is ${kind[0]}. Expected a .tar, a .tar.gz or a folder: unpack it first (${kind[2]}).`
    : `${path} is no .tar archive (there is no header at byte 0) and no folder. Expected one of them, with the photos in it.`;
}
