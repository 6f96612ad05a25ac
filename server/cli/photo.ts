import type { RgbImage } from '../../models/spaces/image';
import { readBytes } from '../files/read-bytes';
import { decodeImage } from '../media/decode-image';
import type { Io } from './io';

/** A photo from the disk or from standard input. @throws file-unreadable, image-unreadable, image-too-large */
export async function readPhoto(io: Io, path: string): Promise<RgbImage> {
  return (await decodeImage(await readBytes(io, path))).image;
}
