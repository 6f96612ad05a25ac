import { setTimeout as sleep } from 'node:timers/promises';
import type { PrismaLibSql } from '@prisma/adapter-libsql';
import { databaseFault } from './faults';
import type { DatabasePlace } from './place';

type Client = ReturnType<PrismaLibSql['createClient']>;

/** How long SQLite itself waits for another writer; nothing else of the process runs meanwhile. */
export const blockingMs = 5_000;
/**
 * Takes the writer's place for a moment, without any wait. As a script: a single statement that finds the place taken
 * stays begun until the garbage collector passes, and no transaction can be committed beside it.
 */
const probe = `PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK; PRAGMA busy_timeout = ${blockingMs};`;

const reads = /^\s*(?:SELECT|PRAGMA|EXPLAIN|VACUUM|ROLLBACK|COMMIT)\b/i;

/**
 * The client of a database that may be taken away, or be held by others: nothing is written into a file that is no
 * longer in its place, and another process's lock is waited for without holding up this one, for `patienceMs`.
 */
export function guardClient(client: Client, place: DatabasePlace, patienceMs: number): Client {
  const execute = client.execute.bind(client) as (statement: unknown, args?: unknown) => ReturnType<Client['execute']>;
  const script = client.executeMultiple.bind(client);
  let inTransaction = false;

  const writersTurn = async () => {
    for (const deadline = Date.now() + patienceMs; ;) {
      demand(place);
      try {
        return await script(probe);
      } catch (error) {
        if (databaseFault(error)?.details?.storage !== 'locked' || Date.now() > deadline) throw error;
        await sleep(5 + Math.random() * 20);
      }
    }
  };
  const guarded = async (statement: string | { sql: string }, args?: unknown) => {
    const sql = typeof statement === 'string' ? statement : statement.sql;
    if (!reads.test(sql)) await (inTransaction ? demand(place) : writersTurn());
    try {
      const result = await execute(statement, args);
      if (/^\s*BEGIN\b/i.test(sql)) inTransaction = true;
      else if (/^\s*COMMIT\b/i.test(sql)) inTransaction = false;
      return result;
    } finally {
      if (/^\s*ROLLBACK\s*;?\s*$/i.test(sql)) inTransaction = false;
    }
  };
  client.execute = guarded as Client['execute'];
  return client;
}

/** Prisma takes an error with a code for one of its driver's, and keeps the words alone: ours goes inside another. */
function demand(place: DatabasePlace): void {
  try {
    place.demand();
  } catch (cause) {
    throw new Error('The database is not where it was.', { cause });
  }
}
