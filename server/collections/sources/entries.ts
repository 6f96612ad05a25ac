import { dirname, join, resolve } from 'node:path';
import { examples } from '../../../kept/captions/examples';
import { StudioError } from '../../../models/errors';
import type { Streams } from '../../files/streams';
import { findPictures } from './image-set';
import {
  AddressPicture,
  filePictures,
  isAddress,
  LostPicture,
  lostStamp,
  oneLine,
  Photo,
  type Picture,
} from './pictures';
import type { SourceWishes } from './types';

/** What a list or table says of one photo. */
export type Entry = {
  /** What it is called in rows; the value itself where it is left out. */
  key?: string;
  /** What it is called where others have that key too. */
  otherKey?: string;
  /** A path or an address; or the picture itself, where the table holds it; or what is wrong with the entry. */
  value: string | Picture | StudioError;
  /** Where it stands, as a person finds it: `list.txt, line 3`. */
  where: string;
  references?: readonly string[];
  imageId?: number | string;
};

export type Resolved = { photos: Photo[]; tell: string[]; close(): Promise<void> };

/**
 * Finds what the entries of a list, table or COCO file name. Paths are of the folder that the file lies in, and where
 * nothing is there, of the folder in which the person stands; with `--images` they are looked for in that folder or
 * archive. What is not there is that photo's fault; where nothing at all is there, it is the list's.
 * @param file the list as the person gave it, `-` for standard input
 * @throws forbidden (addresses, where none are fetched), file-unreadable
 */
export async function resolveEntries(
  io: Pick<Streams, 'cwd' | 'stdin'>,
  file: string,
  entries: readonly Entry[],
  { images, addresses, addressMs }: Pick<SourceWishes, 'images' | 'addresses' | 'addressMs'>,
): Promise<Resolved> {
  const barred = addresses === 'off' && entries.find(({ value }) => typeof value === 'string' && isAddress(value));
  if (barred)
    throw new StudioError(
      'forbidden',
      `${barred.where}: this is an address, and the settings keep the studio from fetching any (STUDIO_ADDRESSES). Fetch the photos yourself, or start with STUDIO_ADDRESSES=public.`,
    );
  const tell: string[] = [];
  const paths = entries.flatMap(({ value }) => (typeof value === 'string' && !isAddress(value) ? [value] : []));
  const { of, close } =
    images === undefined
      ? await besideFile(io, file, paths, tell)
      : await amongImages(io, images, paths, (line) => tell.push(line));
  const photos = entries.map(({ key, otherKey, value, where, references, imageId }) => {
    let picture: Picture;
    if (value instanceof StudioError) picture = new LostPicture(where, value);
    else if (typeof value !== 'string') picture = value;
    else if (addresses !== 'off' && isAddress(value)) picture = new AddressPicture(value, addresses, addressMs);
    else picture = of(value, where);
    const name = key ?? (typeof value === 'string' ? value : where);
    return new Photo(name, picture, where, references?.length ? references : undefined, imageId, otherKey);
  });
  const lost = entries.filter(({ value }, i) => typeof value === 'string' && photos[i]!.stamp === lostStamp);
  if (lost.length && lost.length === entries.length) {
    await close();
    throw new StudioError(
      'file-unreadable',
      `None of the ${entries.length === 1 ? 'photos' : `${entries.length} photos`} that ${file === '-' ? 'standard input' : file} names is in ${images ?? folderOf(file)} (${examples(
        lost.map(({ value }) => oneLine(String(value))),
        'names',
      )}). Name the folder or archive that holds them by --images.`,
    );
  }
  return { photos, tell, close };
}

type Find = { of: (value: string, where: string) => Picture; close(): Promise<void> };
const folderOf = (file: string) => (file === '-' ? '.' : dirname(file));

async function besideFile(
  io: Pick<Streams, 'cwd'>,
  file: string,
  values: readonly string[],
  tell: string[],
): Promise<Find> {
  const folder = folderOf(file);
  const found = new Map<string, Picture | StudioError>();
  const look = async (wanted: readonly string[], base: string) =>
    (
      await filePictures(wanted.map((value) => ({ file: resolve(io.cwd, base, value), path: shownIn(base, value) })))
    ).map((picture, i): [string, Picture | StudioError] => [wanted[i]!, picture]);
  for (const [value, picture] of await look([...new Set(values)], folder)) found.set(value, picture);
  const lost = [...found].filter(([, picture]) => picture instanceof StudioError).map(([value]) => value);
  if (lost.length && resolve(io.cwd, folder) !== resolve(io.cwd)) {
    const here = (await look(lost, '.')).filter(([, picture]) => !(picture instanceof StudioError));
    for (const [value, picture] of here) found.set(value, picture);
    if (here.length)
      tell.push(
        `${file}: ${here.length} of ${found.size} paths are not in ${folder} and are taken from the folder in which you stand.`,
      );
  }
  return {
    of(value, where) {
      const picture = found.get(value)!;
      return picture instanceof StudioError
        ? new LostPicture(shownIn(folder, value), new StudioError(picture.code, `${where}: ${picture.message}`))
        : picture;
    },
    close: () => Promise.resolve(),
  };
}

const shownIn = (folder: string, value: string) =>
  folder === '.' || value.startsWith('/') ? value : join(folder, value);

async function amongImages(
  io: Pick<Streams, 'cwd' | 'stdin'>,
  images: string,
  values: readonly string[],
  tell: (sentence: string) => void,
): Promise<Find> {
  const { found, fault, close } = await findPictures(io, images, new Set(values), tell);
  if (fault) tell(fault.message);
  return {
    of: (value, where) =>
      found.get(value)?.picture ??
      new LostPicture(
        `${images}${images.endsWith('/') ? '' : '/'}${value}`,
        new StudioError(
          'file-unreadable',
          `${where}: there is no ${oneLine(value)} in ${images}. Check the name, or the folder that --images names.`,
        ),
      ),
    close,
  };
}
