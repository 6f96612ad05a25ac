import { StudioError } from '@/models/errors';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';

/** Why a comparison of this browser cannot be shown. */
export const notRead = (error: unknown): Problem => ({
  message: msg('This browser’s storage cannot be read: {{why}}'),
  values: { why: StudioError.from(error).message },
});

/** Why one that is shown is not kept. */
export function notKept(error: unknown): Problem {
  const { code, message } = StudioError.from(error);
  // What to do about it is a sentence of its own.
  if (code === 'storage-full') return { message };
  return {
    message: msg('The comparison is shown but could not be kept in this browser: {{why}}'),
    values: { why: message },
  };
}
