import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { examples } from '../../kept/captions/examples';
import { matchImages, namedBy } from '../../kept/captions/match';
import { StudioError } from '../../models/errors';
import { told } from '../errors/told';
import { readMember, readTarIndex } from '../media/tar-members';
import { pathOf, type Streams, takeStdin } from '../files/streams';
import { readBytes } from '../files/read-bytes';

/** A wanted picture: what it is wanted as, its path in the folder or archive, its bytes. */
export type FoundImage = { name: string; path: string; bytes: Uint8Array };

/** Hears what a person should know. @param lost the wanted picture that is there and could not be read */
export type Tell = (sentence: string, lost?: string) => void;

/**
 * Pictures of a folder or a .tar by what they are wanted as (a file name, a path, or an id that their names end with),
 * each once: in the order of `wanted` for a folder, of the archive for a .tar. Of files with the same name the path
 * that is wanted decides; what it cannot decide is told, and the first is taken.
 *
 * An archive that is cut or dirty gives all whole members before the fault, and then throws `file-unreadable` with
 * `details.offset` (bytes from its beginning; the words name it too).
 * @param path as the person gave it, `-` for an archive on standard input
 * @param tell hears what a person should know, a sentence each @throws file-unreadable
 */
export async function* imageSet(
  io: Pick<Streams, 'cwd' | 'stdin'>,
  path: string,
  wanted: ReadonlySet<string>,
  tell: Tell,
): AsyncGenerator<FoundImage, void, void> {
  const full = pathOf(io, path);
  const kind =
    path === '-'
      ? undefined
      : await stat(full).catch((cause: unknown) => {
          throw new StudioError('file-unreadable', `There is no folder or archive ${path}. Check the path.`, { cause });
        });
  if (kind?.isDirectory()) yield* ofFolder(io, path, wanted, tell);
  else if (kind?.isFile()) yield* ofArchive(full, path, wanted, tell);
  else {
    // A pipe is read twice, so it is kept meanwhile.
    const folder = await mkdtemp(join(tmpdir(), 'caption-studio-'));
    try {
      await pipeline(kind ? createReadStream(full) : takeStdin(io), createWriteStream(join(folder, 'images.tar')));
      yield* ofArchive(join(folder, 'images.tar'), kind ? path : 'standard input', wanted, tell);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function* ofFolder(io: Pick<Streams, 'cwd' | 'stdin'>, shown: string, wanted: ReadonlySet<string>, tell: Tell) {
  const folder = pathOf(io, shown);
  const straight = new Map<string, string>();
  for (const name of wanted) if (await isFile(join(folder, name))) straight.set(name, name);
  const missing = new Set([...wanted].filter((name) => !straight.has(name)));
  const elsewhere = missing.size ? choose(await filesIn(folder), missing, shown, tell) : new Map<string, string>();
  for (const name of wanted) {
    const path = straight.get(name) ?? elsewhere.get(name);
    if (path === undefined) continue;
    let bytes: Uint8Array;
    try {
      bytes = await readBytes(io, join(folder, path));
    } catch (error) {
      tell(`${shown}: ${StudioError.from(error).message}`, name);
      continue;
    }
    yield { name, path, bytes };
  }
}

async function* ofArchive(path: string, shown: string, wanted: ReadonlySet<string>, tell: Tell) {
  const { members, dangling, fault, unended } = await readTarIndex(path, (await stat(path)).size);
  const chosen = choose(
    members.map((member) => member.path),
    wanted,
    shown,
    tell,
  );
  const lost = [...dangling].filter(([link]) => wanted.has(link) || wanted.has(basename(link)));
  if (lost.length)
    tell(
      `${shown}: ${examples(
        lost.map(([link, target]) => `${link} is a link to ${target}`),
        'links',
      )}, which the archive does not hold.`,
    );
  if (unended) tell(`${shown} lacks the mark that ends an archive: it may be cut short after ${members.at(-1)!.path}.`);
  const byPath = new Map<string, string[]>();
  for (const [name, member] of chosen) byPath.set(member, [...(byPath.get(member) ?? []), name]);
  const file = await open(path);
  try {
    for (const member of members)
      for (const name of byPath.get(member.path) ?? []) {
        let bytes: Uint8Array;
        try {
          bytes = await readMember(file, member);
        } catch (error) {
          tell(`${shown}: ${told(error).message}`, name);
          continue;
        }
        yield { name, path: member.path, bytes };
      }
  } finally {
    await file.close();
  }
  if (fault)
    throw new StudioError(
      'file-unreadable',
      `${shown} is damaged at byte ${fault.offset}: ${fault.what}. What comes before was read; fetch or pack the archive anew for the rest.`,
      { details: { offset: fault.offset } },
    );
}

/** Which file each wanted image is. */
function choose(paths: readonly string[], wanted: ReadonlySet<string>, where: string, tell: Tell): Map<string, string> {
  const names = [...wanted];
  // Numbers are asked of as ids, so that `391895` finds COCO_val2014_000000391895.jpg.
  const { found, unclear, by } = matchImages(
    names.map(namedBy),
    paths.map((path) => ({ names: [path], ids: [] })),
  );
  const chosen = new Map<string, string>();
  found.forEach((index, i) => {
    if (index !== undefined) chosen.set(names[i]!, paths[index]!);
  });
  const doubtful = [...unclear].filter(([, fits]) => fits.length > 1);
  for (const [i, fits] of doubtful) chosen.set(names[i]!, paths[fits[0]!]!);
  if (doubtful.length)
    tell(
      `${where}: ${examples(
        doubtful.map(([i, fits]) => `${names[i]} may be ${fits.map((index) => paths[index]).join(' or ')}`),
        'names',
      )}. The first of each is taken. Name images by their path in the references, and the path decides.`,
    );
  const claimed = [...unclear].filter(([, fits]) => fits.length === 1);
  if (claimed.length)
    tell(
      `${where}: ${examples(
        claimed.map(([i, fits]) => `${names[i]} may be ${paths[fits[0]!]}, which others may be too`),
        'names',
      )}. They are left out.`,
    );
  if (by.includes('number in the file name')) tell(`${where}: images are found by the number in their file names.`);
  return chosen;
}

/** Paths of all files below a folder, without what is hidden or cannot be looked into. */
async function filesIn(folder: string, inside = ''): Promise<string[]> {
  const entries = await readdir(join(folder, inside), { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(inside, entry.name);
    if (entry.isDirectory()) found.push(...(await filesIn(folder, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false;
