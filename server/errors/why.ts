import { StudioError } from '../../models/errors';
import { told } from './told';

/** What the operating system says of a file (https://nodejs.org/api/errors.html#common-system-errors), in words. */
const words: Record<string, string> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'a part of its path is a file and no folder',
  EISDIR: 'it is a folder',
  EACCES: 'you have no right to',
  EPERM: 'you have no right to',
  EROFS: 'its disk is read-only',
  ENOSPC: 'the disk is full; make room and run it again',
  EDQUOT: 'your share of the disk is full; make room and run it again',
  EFBIG: 'it would grow over the size that the system allows a file',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
  EIO: 'its disk failed',
  ENXIO: 'nothing is there that takes it',
};

/** Why the system refused, in words. */
export function why(error: unknown): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return (code && words[code]) ?? (code ? `the system says ${code}` : 'the system does not say why');
}

/** What is told where a worker thread ended by itself; what lies behind goes to the log (told.ts). */
export function threadFault(what: string, cause: unknown): StudioError {
  if ((cause as NodeJS.ErrnoException | undefined)?.code !== 'ERR_WORKER_OUT_OF_MEMORY') return told(cause);
  return new StudioError('internal', `${what}: its memory ran out. Close other programs, then try again.`, { cause });
}
