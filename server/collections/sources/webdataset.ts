import { posix } from 'node:path';
import { textsOf } from '../../../kept/captions/collect';
import type { TarMember } from '../../media/tar-members';
import { type Archive, danglingLinks } from './archive';
import { isPictureName, Photo } from './pictures';

/** Captions of a photo are no larger. */
const mostBytes = 1 << 20;

/**
 * Photos of an archive, in its order. Where files that differ in their endings alone stand for one photo
 * (`0001.jpg`, `0001.json`, `0001.txt`), it is a webdataset: the photo is called by what they share (`0001`), and the
 * captions of json and txt come with it. In other archives it is called by its path.
 * @returns the photos, and how many files are none
 */
export async function photosOf(archive: Archive): Promise<{ photos: Photo[]; others: string[]; tell: string[] }> {
  const pictures = archive.members.filter(({ path }) => isPictureName(path));
  const texts = new Map<string, TarMember[]>();
  const others: string[] = [];
  for (const member of archive.members) {
    if (isPictureName(member.path)) continue;
    if (/\.(json|txt)$/i.test(member.path)) push(texts, keyOf(member.path), member);
    else others.push(member.path);
  }
  const shared = new Map<string, number>();
  for (const { path } of pictures) shared.set(keyOf(path), (shared.get(keyOf(path)) ?? 0) + 1);
  const webdataset = [...shared.keys()].some((key) => texts.has(key));
  if (!webdataset) others.push(...[...texts.values()].flat().map(({ path }) => path));
  const photos: Photo[] = [];
  for (const member of pictures) {
    const key = keyOf(member.path);
    const own = webdataset && shared.get(key) === 1;
    const references = own ? await captionsOf(archive, texts.get(key) ?? []) : [];
    photos.push(
      new Photo(
        own ? key : member.path,
        archive.picture(member),
        undefined,
        references.length ? references : undefined,
      ),
    );
  }
  const tell = danglingLinks(archive, isPictureName);
  if (archive.unended) tell.push(archive.unended);
  if (archive.fault) tell.push(archive.fault.message);
  return { photos, others, tell };
}

/** What names a photo of a webdataset: its path up to the first dot of its name. */
const keyOf = (path: string): string =>
  posix.join(posix.dirname(path), posix.basename(path).replace(/(?<=.)\..*$/, ''));

async function captionsOf(archive: Archive, members: readonly TarMember[]): Promise<string[]> {
  const captions = new Set<string>();
  for (const member of members) {
    if (member.size > mostBytes) continue;
    const text = new TextDecoder().decode(await archive.read(member)).trim();
    let said: unknown = text;
    if (/\.json$/i.test(member.path))
      try {
        said = JSON.parse(text);
      } catch {
        continue;
      }
    for (const caption of textsOf(said)) captions.add(caption);
  }
  return [...captions];
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
