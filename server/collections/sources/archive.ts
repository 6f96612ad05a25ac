import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { examples } from '../../../kept/captions/examples';
import { StudioError } from '../../../models/errors';
import { refuseSize } from '../../../models/spaces/image-kind';
import { told } from '../../errors/told';
import { why } from '../../errors/why';
import { cannotWrite } from '../../files/faults';
import { nameOf, pathOf, type Streams, takeStdin } from '../../files/streams';
import { readMember, readTarIndex, type TarMember } from '../../media/tar-members';
import { type Picture, stampOf } from './pictures';

/** An archive that is listed: its members can be read in any order, at once. */
export type Archive = {
  /** As a person is told of it. */
  shown: string;
  /** In the order in which they lie. */
  members: readonly TarMember[];
  /** Links to what the archive does not hold, and their targets. */
  dangling: ReadonlyMap<string, string>;
  /** It ends without the mark that ends an archive: how that is told. */
  unended: string | undefined;
  /** Where it stops being one; what comes before is whole. */
  fault: StudioError | undefined;
  /** @throws file-unreadable, image-too-large */
  read(member: TarMember): Promise<Uint8Array>;
  picture(member: TarMember): Picture;
  /** Takes away what was unpacked. */
  close(): Promise<void>;
};

/**
 * Opens a .tar, plain or compressed with gzip, and lists it without keeping what it holds. What can be read once alone
 * (a pipe, standard input) or is compressed is unpacked into the system's folder of temporary files.
 * @param path as the person gave it, `-` for standard input @throws file-unreadable, storage-full
 */
export async function openArchive(io: Pick<Streams, 'cwd' | 'stdin'>, path: string): Promise<Archive> {
  const shown = path === '-' ? 'standard input' : path;
  const full = pathOf(io, path);
  const stats =
    path === '-'
      ? undefined
      : await stat(full).catch((cause: unknown) => {
          throw new StudioError('file-unreadable', `There is no archive ${path}. Check the path.`, { cause });
        });
  const compressed = stats?.isFile() && (await beginsWith(full, [0x1f, 0x8b]));
  const plain =
    stats?.isFile() && !compressed
      ? { tar: full, stamp: stampOf(stats), broken: false, close: () => Promise.resolve() }
      : await unpack(stats ? createReadStream(full) : takeStdin(io), stats?.isFile() ? stampOf(stats) : undefined);
  try {
    return await listed(shown, plain);
  } catch (error) {
    await plain.close();
    throw error;
  }
}

type Plain = { tar: string; stamp: string; broken: boolean; close(): Promise<void> };

async function listed(shown: string, { tar, stamp, broken, close }: Plain): Promise<Archive> {
  const { size } = await stat(tar);
  const index = await readTarIndex(tar, size, shown);
  const fault = index.fault ?? (broken ? { offset: size, what: 'its compression breaks off' } : undefined);
  const read = async (member: TarMember) => {
    const file = await open(tar).catch((cause: unknown) => {
      throw new StudioError('file-unreadable', `${shown} cannot be read: ${why(cause)}.`, { cause });
    });
    try {
      return await readMember(file, member);
    } finally {
      await file.close();
    }
  };
  return {
    shown,
    members: index.members,
    dangling: index.dangling,
    unended:
      index.unended && !fault
        ? `${shown} lacks the mark that ends an archive: it may be cut short after ${index.members.at(-1)!.path}.`
        : undefined,
    fault:
      fault &&
      new StudioError(
        'file-unreadable',
        `${shown} is damaged at byte ${fault.offset}${broken ? ' of what it unpacks to' : ''}: ${fault.what}. What comes before was read; fetch or pack the archive anew for the rest.`,
        { details: { offset: fault.offset } },
      ),
    read,
    picture: (member) => ({
      path: `${shown}:${member.path}`,
      stamp: `${stamp}:${member.offset}+${member.size}`,
      async read() {
        refuseSize(member.size);
        return read(member);
      },
    }),
    close,
  };
}

/** Writes a stream, unpacked where it is compressed, to a file that can be read in any order. */
async function unpack(source: NodeJS.ReadableStream, stamp: string | undefined): Promise<Plain> {
  const folder = await mkdtemp(join(tmpdir(), 'caption-studio-'));
  const close = () => rm(folder, { recursive: true, force: true });
  const tar = join(folder, 'images.tar');
  const hash = createHash('sha256');
  let broken = false;
  let file: FileHandle | undefined;
  try {
    file = await open(tar, 'wx');
    try {
      for await (const part of await gunzipped(source, hash)) await written(file, part);
    } catch (error) {
      if (error instanceof StudioError || !/^Z_/.test(String((error as NodeJS.ErrnoException).code))) throw error;
      broken = true;
    }
  } catch (error) {
    await file?.close();
    await close();
    throw told(error);
  }
  await file.close();
  return { tar, stamp: stamp ?? hash.digest('hex'), broken, close };
}

/** The bytes of a stream, unpacked where they begin as gzip's do. */
async function gunzipped(source: NodeJS.ReadableStream, hash: { update(part: Buffer): unknown }) {
  const parts = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await parts.next();
  const bytes = async function* () {
    for (let next = first; !next.done; next = await parts.next()) {
      hash.update(next.value);
      yield next.value;
    }
  };
  if (first.done || first.value[0] !== 0x1f || first.value[1] !== 0x8b) return bytes();
  // What is cut short is told by the archive inside, whose last member is not whole then.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  pipeline(Readable.from(bytes()), gunzip, () => undefined);
  return gunzip as AsyncIterable<Buffer>;
}

const written = async (file: FileHandle, bytes: Uint8Array) => {
  try {
    await file.appendFile(bytes);
  } catch (cause) {
    throw cannotWrite(`What an archive unpacks to (in ${tmpdir()})`, cause);
  }
};

async function beginsWith(path: string, bytes: readonly number[]): Promise<boolean> {
  const file = await open(path).catch((cause: unknown) => {
    throw new StudioError('file-unreadable', `${nameOf(path)} cannot be read: ${why(cause)}.`, { cause });
  });
  try {
    const { buffer } = await file.read(new Uint8Array(bytes.length), 0, bytes.length, 0);
    return bytes.every((byte, i) => buffer[i] === byte);
  } finally {
    await file.close();
  }
}

/** What is told of links of the archive to what it does not hold. @param wanted which names matter */
export function danglingLinks({ shown, dangling }: Archive, wanted: (name: string) => boolean): string[] {
  const lost = [...dangling].filter(([link]) => wanted(link) || wanted(basename(link)));
  return lost.length
    ? [
        `${shown}: ${examples(
          lost.map(([link, target]) => `${link} is a link to ${target}`),
          'links',
        )}, which the archive does not hold.`,
      ]
    : [];
}
