import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../../models/errors';
import { told } from '../../errors/told';
import { pathOf, type Streams } from '../../files/streams';
import { danglingLinks, openArchive } from './archive';
import { choose } from './choose';
import { filesIn } from './folder';
import { FilePicture, lostStamp, type Picture, stampOf } from './pictures';

/** A wanted picture: its path in the folder or archive, and where it lies. */
export type FoundPicture = { inside: string; picture: Picture };
export type FoundPictures = {
  /** By what they are wanted as: in the order of `wanted` for a folder, of the archive for a .tar. */
  found: ReadonlyMap<string, FoundPicture>;
  /** Where an archive is damaged: what comes before is found. */
  fault: StudioError | undefined;
  close(): Promise<void>;
};

/**
 * Finds pictures in a folder or a .tar (plain or compressed with gzip) by what they are wanted as: a file name, a path,
 * or an id that their names end with. Of files with the same name the path that is wanted decides; what it cannot
 * decide is told, and the first is taken.
 * @param path as the person gave it, `-` for an archive on standard input
 * @param tell hears what a person should know, a sentence each @throws file-unreadable
 */
export async function findPictures(
  io: Pick<Streams, 'cwd' | 'stdin'>,
  path: string,
  wanted: ReadonlySet<string>,
  tell: (sentence: string) => void,
): Promise<FoundPictures> {
  const kind =
    path === '-'
      ? undefined
      : await stat(pathOf(io, path)).catch((cause: unknown) => {
          throw new StudioError('file-unreadable', `There is no folder or archive ${path}. Check the path.`, { cause });
        });
  return kind?.isDirectory() ? inFolder(io, path, wanted, tell) : inArchive(io, path, wanted, tell);
}

async function inFolder(
  io: Pick<Streams, 'cwd'>,
  shown: string,
  wanted: ReadonlySet<string>,
  tell: (sentence: string) => void,
): Promise<FoundPictures> {
  const folder = pathOf(io, shown);
  const straight = new Map<string, string>();
  for (const name of wanted) if (await isFile(join(folder, name))) straight.set(name, name);
  const missing = new Set([...wanted].filter((name) => !straight.has(name)));
  const elsewhere = missing.size
    ? choose((await filesIn(folder)).paths, missing, shown, tell)
    : new Map<string, string>();
  const found = new Map<string, FoundPicture>();
  for (const name of wanted) {
    const inside = straight.get(name) ?? elsewhere.get(name);
    if (inside === undefined) continue;
    const stats = await stat(join(folder, inside)).catch(() => undefined);
    const stamp = stats ? stampOf(stats) : lostStamp;
    found.set(name, { inside, picture: new FilePicture(join(folder, inside), join(shown, inside), stamp) });
  }
  return { found, fault: undefined, close: () => Promise.resolve() };
}

async function inArchive(
  io: Pick<Streams, 'cwd' | 'stdin'>,
  path: string,
  wanted: ReadonlySet<string>,
  tell: (sentence: string) => void,
): Promise<FoundPictures> {
  const archive = await openArchive(io, path);
  const { shown, members, unended, fault, close } = archive;
  const chosen = choose(
    members.map((member) => member.path),
    wanted,
    shown,
    tell,
  );
  for (const line of danglingLinks(archive, (name) => wanted.has(name))) tell(line);
  if (unended) tell(unended);
  const byPath = new Map<string, string[]>();
  for (const [name, member] of chosen) byPath.set(member, [...(byPath.get(member) ?? []), name]);
  const found = new Map<string, FoundPicture>();
  for (const member of members)
    for (const name of byPath.get(member.path) ?? [])
      found.set(name, { inside: member.path, picture: archive.picture(member) });
  return { found, fault, close };
}

/** A wanted picture that was read: what it is wanted as, its path in the folder or archive, its bytes. */
export type FoundImage = { name: string; path: string; bytes: Uint8Array };

/**
 * Pictures of a folder or archive one after another, each once, in the order of `findPictures`. An archive that is cut
 * or dirty gives all whole members before the fault, and then throws `file-unreadable` with `details.offset` (bytes
 * from its beginning; the words name it too).
 * @param tell hears what a person should know; with `lost`, the wanted picture that is there and could not be read
 * @throws file-unreadable
 */
export async function* imageSet(
  io: Pick<Streams, 'cwd' | 'stdin'>,
  path: string,
  wanted: ReadonlySet<string>,
  tell: (sentence: string, lost?: string) => void,
): AsyncGenerator<FoundImage, void, void> {
  const { found, fault, close } = await findPictures(io, path, wanted, tell);
  try {
    for (const [name, { inside, picture }] of found) {
      let bytes: Uint8Array;
      try {
        bytes = await picture.read();
      } catch (error) {
        const { code, message } = told(error);
        tell(`${code.startsWith('image-') ? name : path === '-' ? 'standard input' : path}: ${message}`, name);
        continue;
      }
      yield { name, path: inside, bytes };
    }
  } finally {
    await close();
  }
  if (fault) throw fault;
}

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false;
