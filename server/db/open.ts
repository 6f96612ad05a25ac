import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { type Prisma, PrismaClient } from '../../prisma/generated/client';
import { StudioError } from '../../models/errors';
import { databaseFile, libsqlUrl } from './address';
import { migrate } from './migrate';
import { onOneConnection } from './one-connection';

export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;

class OneConnection extends PrismaLibSql {
  override createClient(config: Parameters<PrismaLibSql['createClient']>[0]) {
    return onOneConnection(super.createClient(config));
  }
}

/**
 * Opens the SQLite file of `url` (`file:PATH`, relative to the repository), makes it when it is missing and brings it
 * up to date.
 * @throws file-unreadable when the folder or the file cannot be written
 */
export async function openDatabase(url: string, root = process.env.STUDIO_ROOT || process.cwd()): Promise<Database> {
  const file = databaseFile(url, root);
  try {
    mkdirSync(dirname(file), { recursive: true });
    // SQLite waits 0 ms for another writer unless told
    const adapter = new OneConnection({ url: libsqlUrl(file), timeout: 15_000 });
    await migrate(adapter, resolve(/* turbopackIgnore: true */ root, 'prisma/migrations/sqlite'));
    // They wait for each other, and for other processes, in words of our own where it takes too long.
    return new PrismaClient({ adapter, transactionOptions: { maxWait: 60_000, timeout: 60_000 } });
  } catch (error) {
    if (error instanceof StudioError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StudioError(
      'file-unreadable',
      `Cannot open the database ${file} (${why}). Its folder must be writable and the disk not full; DATABASE_URL=file:PATH moves it.`,
      { cause: error },
    );
  }
}
