import { dirname, resolve } from 'node:path';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { type Prisma, PrismaClient } from '../../prisma/generated/client';
import { StudioError } from '../../models/errors';
import { databaseFile, libsqlUrl } from './address';
import { databaseFault, storageFault } from './faults';
import { blockingMs, guardClient } from './guard';
import { migrate } from './migrate';
import { onOneConnection } from './one-connection';
import { DatabasePlace } from './place';

export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;

class StudioAdapter extends PrismaLibSql {
  constructor(
    private readonly place: DatabasePlace,
    private readonly patienceMs: number,
  ) {
    super({ url: libsqlUrl(place.file), timeout: blockingMs });
  }
  override createClient(config: Parameters<PrismaLibSql['createClient']>[0]) {
    this.place.demandOpened();
    const client = super.createClient(config);
    this.place.opened();
    return onOneConnection(guardClient(client, this.place, this.patienceMs));
  }
}

const studioRoot = () => process.env.STUDIO_ROOT || process.cwd();
const places = new WeakMap<Database, DatabasePlace>();
/** Where a database that `openDatabase` opened lies. */
export const placeOf = (database: Database): DatabasePlace => places.get(database)!;

/**
 * Opens the SQLite file of `url` (`file:PATH`, relative to the repository), makes it when it is missing and brings it
 * up to date. On a full disk it gives up the reserve, so that what is kept can be seen and deleted.
 * @param options `patienceMs`: how long a statement waits for another process that writes
 * @throws file-unreadable, with the path, when the folder or the file cannot be written
 */
export async function openDatabase(url: string, { root = studioRoot(), patienceMs = 15_000 } = {}): Promise<Database> {
  const file = databaseFile(url, root);
  const place = new DatabasePlace(file);
  try {
    const adapter = new StudioAdapter(place, patienceMs);
    const bringUpToDate = async () => {
      place.prepare();
      await migrate(adapter, resolve(/* turbopackIgnore: true */ root, 'prisma/migrations/sqlite'));
    };
    await withReserve(place, bringUpToDate);
    // They wait for each other, and for other processes, in words of our own where it takes too long.
    const database = new PrismaClient({ adapter, transactionOptions: { maxWait: 60_000, timeout: 60_000 } });
    places.set(database, place);
    // Now, and not with the first request: what is open then is what lies there now.
    await withReserve(place, () => database.$connect());
    return database;
  } catch (error) {
    if (error instanceof StudioError && error.code === 'internal') throw error;
    const fault = databaseFault(error) ?? storageFault('broken', error);
    throw new StudioError(
      'file-unreadable',
      `Cannot open the database ${file}. ${fault.message} DATABASE_URL=file:PATH names another place than ${dirname(file)}.`,
      { cause: error, details: fault.details },
    );
  }
}

/**
 * Runs what deletes something, also on a full disk: again with a part of the reserve given up when there was no room
 * for it. `work` is one transaction, or can be done twice.
 */
export const deleting = <T>(database: Database, work: () => Promise<T>): Promise<T> =>
  withReserve(placeOf(database), work);

async function withReserve<T>({ reserve }: DatabasePlace, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const result = await work();
      reserve.renew();
      return result;
    } catch (error) {
      if (databaseFault(error)?.code !== 'storage-full' || !reserve.release()) throw error;
    }
  }
}
