import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { StudioError } from '../../models/errors';
import { databaseFault } from './faults';

// The table that `prisma migrate deploy` keeps, so that Prisma's own tools understand the database.
const table = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL, "logs" TEXT,
  "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`;
/** Other servers on the same file get this long to finish their own migration. */
const patienceMs = 30_000;

type Migration = { name: string; sql: string; checksum: string; id: string };

/**
 * Brings a SQLite database up to date: runs every `folder/NAME/migration.sql` that it has not seen, in order of name.
 *
 * Each migration is one script, `BEGIN IMMEDIATE` to `COMMIT`, that first claims its name: the immediate transaction is
 * the
 * lock, and the claim (a primary key that follows from the name) makes a second server that waited for it roll back,
 * look
 * again and find the work done. A failure leaves the database as it was.
 * @returns names of the migrations that this call applied
 * @throws internal when a migration fails or was edited after it had been applied
 */
export async function migrate(factory: SqlDriverAdapterFactory, folder: string): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const db = await factory.connect();
  try {
    const deadline = Date.now() + patienceMs;
    // Write-ahead log: readers do not wait for the writer. The mode stays in the file; changing it wants the file alone
    // for a moment.
    await whenFree(deadline, () => query(db, 'PRAGMA journal_mode=WAL'));
    await whenFree(deadline, () => db.executeScript(table));
    const applied: string[] = [];
    for (const migration of migrations)
      if (await whenFree(deadline, () => apply(db, migration))) applied.push(migration.name);
    return applied;
  } finally {
    await db.dispose();
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() && /^[\w-]+$/.test(entry.name))
    .map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      const hash = createHash('sha256').update(name).digest('hex');
      const id = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-${hash.slice(12, 16)}-${hash.slice(16, 20)}-${hash.slice(20, 32)}`;
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex'), id };
    }),
  );
}

/** True when this call applied the migration, false when it had been applied before. */
async function apply(db: SqlDriverAdapter, migration: Migration): Promise<boolean> {
  if (await isApplied(db, migration)) return false;
  const now = Date.now();
  try {
    await db.executeScript(
      // A table that is rebuilt must not delete the rows that point at it; inside a transaction the switch has no
      // effect.
      `PRAGMA foreign_keys=OFF;
       BEGIN IMMEDIATE;
       INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES ('${migration.id}', '${migration.checksum}', '${migration.name}', ${now});
       ${migration.sql}
       ;UPDATE _prisma_migrations SET finished_at = ${now}, applied_steps_count = 1 WHERE id = '${migration.id}';
       COMMIT;
       PRAGMA foreign_keys=ON;`,
    );
    return true;
  } catch (error) {
    if (databaseFault(error)?.details?.storage) throw error;
    if (await isApplied(db, migration)) return false; // another server was faster
    console.error(error);
    throw new StudioError(
      'internal',
      `Migration ${migration.name} failed and left the database as it was; why is said above. The database may have been changed by hand, or belong to another version of the studio.`,
      { cause: error },
    );
  }
}

async function isApplied(db: SqlDriverAdapter, migration: Migration): Promise<boolean> {
  const rows = await query(
    db,
    `SELECT checksum FROM _prisma_migrations WHERE migration_name = '${migration.name}' AND finished_at IS NOT NULL`,
  );
  const checksum = rows[0]?.[0];
  if (checksum === undefined) return false;
  if (checksum !== migration.checksum)
    throw new StudioError(
      'internal',
      `Migration ${migration.name} was edited after it had been applied to this database. Restore the file and write a new migration instead.`,
    );
  return true;
}

const query = async (db: SqlDriverAdapter, sql: string): Promise<unknown[][]> =>
  (await db.queryRaw({ sql, args: [], argTypes: [] })).rows;

/** Runs `work` again while SQLite says that the file is taken: some locks do not honour the busy timeout. */
async function whenFree<T>(deadline: number, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      await sleep(50 + Math.random() * 100);
    }
  }
}

const isBusy = (error: unknown): boolean => databaseFault(error)?.details?.storage === 'locked';
