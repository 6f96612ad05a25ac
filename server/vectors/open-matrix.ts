import { stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { StudioError } from '../../models/errors';
import { Matrix } from '../../models/vectors/matrix';
import { readBytes } from '../files/read-bytes';
import { nameOf, pathOf, type Streams } from '../files/streams';
import { FileHandleSource } from '../weights/file-source';
import { rowNumbers, type Keys, readKeys } from './keys';

export type OpenMatrix = {
  matrix: Matrix;
  keys: Keys;
  /** Absolute; undefined for standard input. */
  path?: string;
  /** Says without reading it that it is the same as before. */
  stamp: string;
  /** Nothing can be read any more. */
  close(): void;
};

/**
 * A matrix of vectors from a file that a person named, and what its rows are called: the keys that lie beside it as
 * NAME.keys.json, or in the file that is named, else the numbers of the rows, from 0.
 * @throws file-unreadable, embedding-invalid, option-invalid (keys that are not as many as rows, or twice)
 */
export async function openMatrix(
  io: Pick<Streams, 'cwd' | 'stdin'>,
  file: string,
  keysFile?: string,
): Promise<OpenMatrix> {
  const name = nameOf(file);
  if (file === '-') {
    const bytes = await readBytes(io, file);
    const matrix = Matrix.open(name, bytes);
    const stamp = createHash('sha256').update(bytes).digest('hex');
    return { matrix, keys: await keysOf(io, matrix, keysFile), stamp, close: () => undefined };
  }
  const path = pathOf(io, file);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory())
    throw new StudioError('file-unreadable', `${file} is a folder; name the file of vectors in it, as .npy.`);
  const source = new FileHandleSource(path, file);
  try {
    const matrix = Matrix.open(name, source);
    const beside = file.replace(/\.\w+$/, '.keys.json');
    const own = keysFile ?? ((await stat(pathOf(io, beside)).catch(() => undefined))?.isFile() ? beside : undefined);
    const keys = await keysOf(io, matrix, own);
    return { matrix, keys, path, stamp: `${found?.size} ${found?.mtimeMs}`, close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

const keysOf = (io: Pick<Streams, 'cwd' | 'stdin'>, matrix: Matrix, file: string | undefined): Promise<Keys> | Keys =>
  file === undefined ? rowNumbers(matrix.rows) : readKeys(io, file, matrix);
