import { StudioError } from '../../models/errors';
import { databaseFault } from '../db/faults';

const own =
  'The studio met a fault of its own; its log says which. Try again; where it stays, report it with that line.';

/**
 * Any thrown value as it is told to a person: an error of the studio as it is, a fault of the database or of the disk
 * in the studio's words, and whatever else without the words of the library that threw it, which go to the log. All
 * that leaves the server (routes, tRPC, lanes, jobs) and the command line goes through here.
 */
export function told(thrown: unknown): StudioError {
  if (thrown instanceof StudioError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return StudioError.from(thrown);
  const fault = databaseFault(thrown) ?? systemFault(thrown);
  if (fault) return fault;
  console.error(thrown);
  return new StudioError('internal', own, { cause: thrown });
}

/** What the operating system refuses otherwise (https://nodejs.org/api/errors.html#nodejs-error-codes). */
function systemFault(cause: unknown): StudioError | undefined {
  const { code } = (cause ?? {}) as { code?: unknown };
  if (code === 'EMFILE' || code === 'ENFILE')
    return new StudioError('busy', 'The studio’s machine has too many files open. Try again in a moment.', { cause });
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR')
    return new StudioError('file-unreadable', 'A file that the studio needs is not where it was.', { cause });
  return undefined;
}
