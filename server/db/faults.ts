import { StudioError } from '../../models/errors';

export type StorageFault = 'full' | 'locked' | 'read-only' | 'gone' | 'damaged' | 'broken';

const words: Record<StorageFault, string> = {
  full: 'The disk of this studio is full, so nothing new can be kept. Delete comparisons under History, and then for good under Deleted (that works on a full disk too), or make room on the studio’s machine; then try again.',
  locked:
    'Another program holds the studio’s database: a backup, a copy under way, or an open database shell. Nothing was changed. Wait until it has ended, or end it, then try again.',
  'read-only':
    'The studio’s data cannot be written: its folder or its disk is read-only, or belongs to another user. Nothing was changed. Make the folder writable for whoever runs the studio, then try again.',
  gone: 'The studio’s folder of data is no longer where it was when the studio started: it was moved or deleted, or its disk is gone. Nothing can be kept. Put it back and start the studio again.',
  damaged:
    'The studio’s database is damaged, or is no database. Stop the studio, put a copy of its folder of data in place, and start it again.',
  broken:
    'The studio’s disk failed while its database was read or written. Nothing was changed. Look at the disk of the studio’s machine, then try again.',
};

/** A fault of the place where things are kept, in the studio's own words. */
export function storageFault(kind: StorageFault, cause?: unknown): StudioError {
  const code = kind === 'full' ? 'storage-full' : kind === 'locked' ? 'busy' : 'storage-unavailable';
  return new StudioError(code, words[kind], { details: { storage: kind }, cause });
}

/** What SQLite says, by its primary result codes and its messages (https://sqlite.org/rescode.html). */
const signs: [StorageFault, RegExp][] = [
  ['full', /SQLITE_FULL|database or disk is full|ENOSPC|EDQUOT|SQLITE_IOERR_SHMSIZE/],
  ['locked', /SQLITE_BUSY|SQLITE_LOCKED|database (?:table )?is locked|SocketTimeout/],
  ['read-only', /SQLITE_READONLY|readonly database|EROFS/],
  ['damaged', /SQLITE_CORRUPT|SQLITE_NOTADB|image is malformed|not a database/],
  ['read-only', /SQLITE_CANTOPEN|SQLITE_PERM|unable to open (?:database file|connection)|EACCES|EPERM/i],
  ['broken', /SQLITE_IOERR|disk I\/O error|\bEIO\b/],
];

/**
 * The fault of the database that a thrown value tells of, however deep a library has wrapped it; undefined for any
 * other.
 */
export function databaseFault(error: unknown): StudioError | undefined {
  const said = everythingSaid(error);
  if (said.own) return said.own;
  const found = signs.find(([, sign]) => sign.test(said.text));
  if (found) return storageFault(found[0], error);
  if (!said.byPrisma) return undefined;
  if (/\bP2025\b/.test(said.text))
    return new StudioError('not-found', 'It is not there any more; it was deleted meanwhile.', { cause: error });
  if (/\bP20(?:02|34)\b|UniqueConstraintViolation|\bP20(?:24|28)\b/.test(said.text))
    return new StudioError('busy', 'Something else changed the same at the same moment. Try again.', { cause: error });
  return undefined;
}

/** Messages and codes of an error and of all that it wraps. `own`: an error of ours below a library's. */
function everythingSaid(error: unknown): { text: string; byPrisma: boolean; own?: StudioError } {
  const parts: string[] = [];
  let byPrisma = false;
  let at = error;
  for (let depth = 0; at && depth < 8; depth++) {
    if (at instanceof StudioError && depth > 0) return { text: '', byPrisma, own: at };
    if (typeof at !== 'object') {
      parts.push(String(at));
      break;
    }
    const { name, message, code, rawCode, extendedCode, meta, kind, originalMessage, cause } = at as Record<
      string,
      unknown
    >;
    byPrisma ||= /Prisma|DriverAdapter/.test(String(name));
    parts.push(...[message, code, rawCode, extendedCode, kind, originalMessage].map((part) => String(part ?? '')));
    at = cause ?? (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  }
  return { text: parts.join(' '), byPrisma };
}
