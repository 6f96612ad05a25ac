import { readFile, stat } from 'node:fs/promises';
import { StudioError } from '../../../models/errors';
import { refuseSize } from '../../../models/spaces/image-kind';
import { why } from '../../errors/why';
import { type AddressRule, fetchPicture } from '../../media/fetch-picture';
import type { Source } from './types';

/** Where a picture lies, whatever it is called. */
export type Picture = Pick<Source, 'path' | 'file' | 'stamp' | 'read'>;

/** Endings that pictures have, of all kinds that are read. */
const ending = /\.(jpe?g|jfif|png|webp|gif|avif|tiff?)$/i;
export const isPictureName = (name: string): boolean => ending.test(name);
export const isAddress = (text: string): boolean => /^https?:\/\//i.test(text);

/** A name as it stands in a sentence: line ends and the like would break it. */
export const oneLine = (name: string): string =>
  name.replace(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1));

/** What a photo of a collection is called, with what its input says of it. */
export class Photo implements Source {
  from: string | undefined;

  constructor(
    public key: string,
    private readonly picture: Picture,
    /** Where its input speaks of it, as a person finds it: `list.txt, line 3`. */
    readonly where: string | undefined = undefined,
    readonly references: readonly string[] | undefined = undefined,
    readonly imageId: number | string | undefined = undefined,
    /** What it is called where others have its key too: by its table, as the person gave it, and row. */
    readonly otherKey: string | undefined = undefined,
  ) {}

  get path(): string {
    return this.picture.path;
  }
  get file(): string | undefined {
    return this.picture.file;
  }
  get stamp(): string {
    return this.picture.stamp;
  }
  read(signal?: AbortSignal): Promise<Uint8Array> {
    return this.picture.read(signal);
  }
}

/** Of a file: it changes where the file does. */
export const stampOf = ({ size, mtimeMs }: { size: number; mtimeMs: number }): string => `${size}-${mtimeMs}`;

/** A file of its own. */
export class FilePicture implements Picture {
  /** @param path as the person gave it @param stamp of its stat */
  constructor(
    readonly file: string,
    readonly path: string,
    readonly stamp: string,
  ) {}

  async read(signal?: AbortSignal): Promise<Uint8Array> {
    try {
      refuseSize((await stat(this.file)).size);
      return new Uint8Array(await readFile(this.file, { signal }));
    } catch (cause) {
      if (cause instanceof StudioError) throw cause;
      if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
      throw unreadable(this.path, cause);
    }
  }
}

const unreadable = (path: string, cause: unknown): StudioError =>
  new StudioError(
    'file-unreadable',
    (cause as NodeJS.ErrnoException).code === 'ENOENT'
      ? `There is no file ${oneLine(path)}. Check the path.`
      : `${oneLine(path)} cannot be read: ${why(cause)}.`,
    { cause },
  );

/** The stamp of what is not there. */
export const lostStamp = 'lost';

/** What a list names and nobody can read: the photo's own fault, which stops no other. */
export class LostPicture implements Picture {
  readonly stamp = lostStamp;
  constructor(
    readonly path: string,
    private readonly error: StudioError,
  ) {}
  read(): Promise<Uint8Array> {
    return Promise.reject(this.error);
  }
}

/** A picture of an address, fetched when it is wanted. */
export class AddressPicture implements Picture {
  readonly stamp = 'address';
  constructor(
    readonly path: string,
    private readonly rule: AddressRule,
    private readonly ms: number | undefined,
  ) {}
  async read(signal?: AbortSignal): Promise<Uint8Array> {
    return (await fetchPicture(this.path, this.rule, { signal, ms: this.ms })).bytes;
  }
}

/** Stats many files at once: the picture, or what is wrong with it. */
export async function filePictures(
  files: readonly { file: string; path: string }[],
): Promise<(Picture | StudioError)[]> {
  const found: (Picture | StudioError)[] = [];
  for (let i = 0; i < files.length; i += 256)
    found.push(
      ...(await Promise.all(
        files.slice(i, i + 256).map(({ file, path }) =>
          stat(file).then(
            (stats) =>
              stats.isDirectory()
                ? new StudioError('file-unreadable', `${oneLine(path)} is a folder. Name the photos in it.`)
                : new FilePicture(file, path, stampOf(stats)),
            (cause: unknown) => unreadable(path, cause),
          ),
        ),
      )),
    );
  return found;
}
