import { readFile } from 'node:fs/promises';
import { StudioError } from '../../models/errors';
import type { RgbImage } from '../../models/spaces/image';
import { decodeImage } from '../media/decode-image';
import { type Io, pathOf } from './io';

/** A photo from the disk. @throws file-unreadable, image-unreadable, image-too-large */
export async function readPhoto(io: Io, path: string): Promise<RgbImage> {
  return (await decodeImage(await readBytes(io, path))).image;
}

/** A whole file. @throws file-unreadable */
export async function readBytes(io: Pick<Io, 'cwd' | 'stdin'>, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(pathOf(io, path)));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new StudioError(
      'file-unreadable',
      code === 'ENOENT'
        ? `There is no file ${path}. Check the path.`
        : code === 'EISDIR'
          ? `${path} is a folder; name the files in it, for example ${path}/*.jpg.`
          : `${path} cannot be read (${code ?? String(cause)}).`,
      { cause },
    );
  }
}
