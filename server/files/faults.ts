import { StudioError } from '../../models/errors';
import { why } from '../errors/why';

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
