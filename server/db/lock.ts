import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';

/**
 * A lock between processes: on an empty SQLite file, which the operating system takes back when a process dies, however
 * it dies, so there is no stale lock to find out about. Never waits.
 * @returns what gives the lock back, or undefined when somebody else has it
 */
export function lock(file: string, mode: 'shared' | 'exclusive'): (() => void) | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const database = new Database(file, { timeout: 0 });
  try {
    if (mode === 'exclusive') database.exec('BEGIN EXCLUSIVE');
    else {
      database.exec('BEGIN');
      // A transaction takes its lock with the first read.
      database.prepare('SELECT count(*) FROM sqlite_master').get();
    }
  } catch (error) {
    database.close();
    if (/SQLITE_BUSY|locked/.test(`${(error as { code?: string }).code} ${String(error)}`)) return undefined;
    throw error;
  }
  let given = false;
  return () => {
    if (given) return;
    given = true;
    // Closing alone would wait for the statement above to be collected as garbage.
    database.exec('ROLLBACK');
    database.close();
  };
}
