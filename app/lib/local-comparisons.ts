import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Precision } from '@/models/runtime/types';
import type { WebDeviceName } from '@/models/runtime/web';
import type { StreamItem } from '@/server/trpc/types';

/** The part of a comparison that ran in this browser on one device. */
export type LocalRun = {
  device: WebDeviceName;
  lanes: { id: string; decoder: string; options: Record<string, unknown> }[];
  /** In order, from the first; the last is `ended` once the run is over. */
  items: StreamItem[];
};
/** A comparison that is kept in this browser alone. */
export type LocalComparison = {
  id: string;
  createdAt: number;
  family: string;
  precision: Precision;
  photo: { blob: Blob; name: string; width: number; height: number };
  runs: LocalRun[];
  /** The comparison of the lanes that ran on the server, if any did. */
  serverId?: string;
  /** Where it was saved on the server, once it was. */
  savedId?: string;
};

interface Schema extends DBSchema {
  comparisons: { key: string; value: LocalComparison; indexes: { createdAt: number } };
}
let database: Promise<IDBPDatabase<Schema>> | undefined;
function open(): Promise<IDBPDatabase<Schema>> {
  database ??= openDB<Schema>('caption-studio', 1, {
    upgrade: (db) => void db.createObjectStore('comparisons', { keyPath: 'id' }).createIndex('createdAt', 'createdAt'),
    terminated: () => (database = undefined),
  });
  database.catch(() => (database = undefined));
  return database;
}

/** Writes a comparison as it is now. */
export async function keepLocal(comparison: LocalComparison): Promise<void> {
  await (await open()).put('comparisons', comparison);
}
export async function localComparison(id: string): Promise<LocalComparison | undefined> {
  return (await open()).get('comparisons', id);
}
/** Newest first. */
export async function localComparisons(): Promise<LocalComparison[]> {
  return (await (await open()).getAllFromIndex('comparisons', 'createdAt')).reverse();
}
export async function forgetLocal(id: string): Promise<void> {
  await (await open()).delete('comparisons', id);
}
