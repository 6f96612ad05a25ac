import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { StudioError } from '../../models/errors';
import { why } from '../errors/why';
import { pathOf, type Streams, takeStdin } from './streams';

/** A whole file, or standard input where it is called `-`. @throws file-unreadable, option-invalid */
export async function readBytes(io: Pick<Streams, 'cwd' | 'stdin'>, path: string): Promise<Uint8Array> {
  const stdin = path === '-' ? takeStdin(io) : undefined;
  try {
    return new Uint8Array(await (stdin ? buffer(stdin) : readFile(pathOf(io, path))));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new StudioError(
      'file-unreadable',
      code === 'ENOENT'
        ? `There is no file ${path}. Check the path.`
        : code === 'EISDIR'
          ? `${path} is a folder; name the files in it, for example ${path.replace(/\/$/, '')}/*.jpg.`
          : `${stdin ? 'Standard input' : path} cannot be read: ${why(cause)}.`,
      { cause },
    );
  }
}
