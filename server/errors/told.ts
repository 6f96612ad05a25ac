import { noteFaultsBy, StudioError } from '../../models/errors';
import { databaseFault } from '../db/faults';

const own = {
  server: 'The studio met a fault of its own; its log says which. Try again; where it stays, report it with that line.',
  'command line':
    'The studio met a fault of its own. Try again; where it stays, run the same with STUDIO_DEBUG=1 before it, which prints what lies behind, and report it with that.',
};
/** Inherited by worker threads, and so by all that works for a command. */
const place = () => (process.env.STUDIO_COMMAND_LINE === '1' ? 'command line' : 'server');

/** From now on unknown faults of this process are told to whoever typed its command, who has no log. */
export function tellOnCommandLine(): void {
  process.env.STUDIO_COMMAND_LINE = '1';
}

/**
 * Any thrown value as it is told to a person: an error of the studio as it is, a fault of the database or of the disk
 * in the studio's words, and whatever else without the words of the library that threw it, which go to the server's log
 * and are told on the command line where STUDIO_DEBUG=1 asks for them. All that leaves the server (routes, tRPC, lanes,
 * jobs) and the command line goes through here.
 */
export function told(thrown: unknown): StudioError {
  if (thrown instanceof StudioError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return StudioError.from(thrown);
  const fault = databaseFault(thrown) ?? systemFault(thrown);
  if (fault) return fault;
  return StudioError.from(thrown);
}

noteFaultsBy({
  words: () => own[place()],
  note(cause) {
    if (place() === 'server' || process.env.STUDIO_DEBUG === '1') console.error(cause);
  },
});

/** What the operating system refuses otherwise (https://nodejs.org/api/errors.html#nodejs-error-codes). */
function systemFault(cause: unknown): StudioError | undefined {
  const { code } = (cause ?? {}) as { code?: unknown };
  if (code === 'EMFILE' || code === 'ENFILE')
    return new StudioError('busy', 'The studio’s machine has too many files open. Try again in a moment.', { cause });
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR')
    return new StudioError('file-unreadable', 'A file that the studio needs is not where it was.', { cause });
  return undefined;
}
