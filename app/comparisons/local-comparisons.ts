import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { StudioError } from '@/models/errors';
import type { Precision } from '@/models/runtime/types';
import type { WebDeviceName } from '@/models/runtime/web';
import type { Rating, Ratings } from '@/kept/ratings';
import type { LaneView, StreamItem } from '@/kept/comparison';
import { msg } from '../languages/msg';

/** The part of a comparison that ran in this browser on one device. */
export type LocalRun = {
  device: WebDeviceName;
  lanes: { id: string; decoder: string; options: LaneView['options'] }[];
  /** In order, from the first; the last is `ended` once the run is over. */
  items: StreamItem[];
};
/** A comparison that is kept in this browser alone. */
export type LocalComparison = {
  id: string;
  createdAt: number;
  family: string;
  precision: Precision;
  /** What it is of: a photo, or an embedding. */
  photo?: { blob: Blob; name: string; width: number; height: number };
  embedding?: { name: string; values: number[]; modality?: 'image' | 'text' };
  runs: LocalRun[];
  /** Ids of all lanes, those of the server among them, as they stood side by side. */
  order?: string[];
  /** The comparison of the lanes that ran on the server, if any did. */
  serverId?: string;
  /** Where it was saved on the server, once it was. */
  savedId?: string;
  title?: string;
  note?: string;
  /** Captions that people wrote for the input, to score the lanes by. */
  references?: string[];
  /** Of its lanes' captions. */
  ratings?: Ratings;
  /** The comparison of this browser that it repeats. */
  replayOf?: string;
  /** Since when it waits to be deleted for good. */
  deletedAt?: number;
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

/** Writes a comparison as it is now; what was changed meanwhile (title, note, references, ratings, deletion) stays. */
export async function keepLocal(comparison: LocalComparison): Promise<void> {
  try {
    const transaction = (await open()).transaction('comparisons', 'readwrite');
    const { title, note, references, ratings, deletedAt } = (await transaction.store.get(comparison.id)) ?? {};
    await transaction.store.put({
      ...comparison,
      ...(title === undefined ? {} : { title }),
      ...(note === undefined ? {} : { note }),
      ...(references === undefined ? {} : { references }),
      ...(ratings === undefined ? {} : { ratings }),
      ...(deletedAt === undefined ? {} : { deletedAt }),
    });
    await transaction.done;
  } catch (cause) {
    // The browser's own error has no words.
    if (!(cause instanceof DOMException) || cause.name !== 'QuotaExceededError') throw cause;
    throw new StudioError(
      'storage-full',
      msg(
        'The comparison could not be kept: the browser has no room for it. Delete stored weights under Storage, or free disk space.',
      ),
      { cause },
    );
  }
}
export async function localComparison(id: string): Promise<LocalComparison | undefined> {
  return (await open()).get('comparisons', id);
}
/** A deleted comparison can be brought back for so long. */
const undoMs = 7 * 24 * 3600_000;
/** Newest first, deleted ones among them; what nobody brought back in time is forgotten. */
export async function localComparisons(now = Date.now()): Promise<LocalComparison[]> {
  const db = await open();
  const all = (await db.getAllFromIndex('comparisons', 'createdAt')).reverse();
  const expired = all.filter(({ deletedAt }) => deletedAt !== undefined && deletedAt < now - undoMs);
  for (const { id } of expired) await db.delete('comparisons', id);
  return all.filter((comparison) => !expired.includes(comparison));
}
/** Changes some fields of a comparison. Nothing happens where it is not there (any more). */
export async function changeLocal(
  id: string,
  change: Partial<Pick<LocalComparison, 'title' | 'note' | 'references' | 'deletedAt'>>,
): Promise<void> {
  const transaction = (await open()).transaction('comparisons', 'readwrite');
  const comparison = await transaction.store.get(id);
  if (comparison) await transaction.store.put({ ...comparison, ...change });
  await transaction.done;
}
/**
 * Ratings of lanes of a comparison, each undefined where it is taken away. Nothing happens where the comparison is not
 * there (any more).
 */
export async function rateLocal(id: string, change: Readonly<Record<string, Rating | undefined>>): Promise<void> {
  const transaction = (await open()).transaction('comparisons', 'readwrite');
  const comparison = await transaction.store.get(id);
  if (comparison) await transaction.store.put({ ...comparison, ratings: withRatings(comparison.ratings, change) });
  await transaction.done;
}
export const withRatings = (ratings: Ratings = {}, change: Readonly<Record<string, Rating | undefined>>): Ratings =>
  Object.fromEntries(
    Object.entries({ ...ratings, ...change }).flatMap(([lane, rating]) => (rating ? [[lane, rating]] : [])),
  );
export async function forgetLocal(id: string): Promise<void> {
  await (await open()).delete('comparisons', id);
}
/** What its input is called. */
export const localName = (
  { photo, embedding }: LocalComparison,
  t: (sentence: string) => string = (sentence) => sentence,
) => photo?.name ?? embedding?.name ?? t(msg('a comparison'));
