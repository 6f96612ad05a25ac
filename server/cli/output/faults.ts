import { StudioError } from '../../../models/errors';

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
  return (code && words[code]) ?? `the system says ${code ?? String(error)}`;
}

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** What is told where results cannot be written any more. */
export const cannotWrite = (name: string, cause: unknown): StudioError =>
  new StudioError(
    full.has((cause as NodeJS.ErrnoException).code ?? '') ? 'storage-full' : 'file-unreadable',
    `${name} cannot be written: ${why(cause)}.`,
    { cause },
  );

/** What is told, before any work, where results could not be written. */
export const cannotOpen = (name: string, folder: string, cause: unknown): StudioError =>
  new StudioError(
    'option-invalid',
    (cause as NodeJS.ErrnoException).code === 'ENOENT'
      ? `${name} cannot be written: there is no folder ${folder}. Make it, or name another.`
      : `${name} cannot be written: ${why(cause)}. Name a file in a folder that you may write.`,
    { cause },
  );
