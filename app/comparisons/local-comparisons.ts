import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { StudioError } from '@/models/errors';
import type { Precision } from '@/models/runtime/types';
import type { WebDeviceName } from '@/models/runtime/web';
import type { PersonCaption } from '@/kept/person-captions';
import type { Ratings } from '@/kept/ratings';
import type { LaneView, StreamItem } from '@/kept/comparison';
import { msg } from '../languages/msg';

/** The part of a comparison that ran in this browser on one device. */
export type LocalRun = {
  /** Names it within its comparison. Runs of older studios have none; they are over. */
  id?: string;
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
  /** Lanes that ran in both, and on the server last. */
  lastThere?: string[];
  /** Where it was saved on the server, once it was. */
  savedId?: string;
  title?: string;
  note?: string;
  /** Captions that people wrote for the input, to score the lanes by. */
  references?: string[];
  /** What the person says of the photo. */
  said?: PersonCaption[];
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

/**
 * Writes a comparison as `after` has it, from what is kept of it now (undefined where it is not there): in one
 * transaction, so that tabs which change it at once lose nothing of each other. Nothing is written where `after` gives
 * undefined. @returns what was written @throws storage-full
 */
async function write(
  id: string,
  after: (kept: LocalComparison | undefined) => LocalComparison | undefined,
): Promise<LocalComparison | undefined> {
  try {
    const transaction = (await open()).transaction('comparisons', 'readwrite');
    const changed = after(await transaction.store.get(id));
    await Promise.all([changed && transaction.store.put(changed), transaction.done]);
    return changed;
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

/** Keeps a new comparison. @throws storage-full */
export async function keepLocal(comparison: LocalComparison): Promise<void> {
  await write(comparison.id, () => comparison);
}

/**
 * Keeps a run of a comparison as it is now, and nothing else of it: what was changed meanwhile stays, other runs among
 * it. @param whole is written where nothing was kept yet, since there was no room for it. @throws storage-full
 */
export async function keepRun(id: string, run: LocalRun, whole?: LocalComparison): Promise<void> {
  await write(id, (kept) => {
    if (!kept) return whole;
    const at = kept.runs.findIndex(({ id }) => id === run.id);
    return { ...kept, runs: at < 0 ? [...kept.runs, run] : kept.runs.with(at, run) };
  });
}

export type LocalChange = Partial<Omit<LocalComparison, 'id' | 'createdAt' | 'runs'>>;
/**
 * Changes some fields of a comparison, to what they are to be or from what they are. Nothing happens where it is not
 * there (any more). @returns it after that @throws storage-full
 */
export async function changeLocal(
  id: string,
  change: LocalChange | ((kept: LocalComparison) => LocalChange),
): Promise<LocalComparison | undefined> {
  return write(id, (kept) => kept && { ...kept, ...(typeof change === 'function' ? change(kept) : change) });
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
export async function forgetLocal(id: string): Promise<void> {
  await (await open()).delete('comparisons', id);
}
/** What its input is called. */
export const localName = (
  { photo, embedding }: LocalComparison,
  t: (sentence: string) => string = (sentence) => sentence,
) => photo?.name ?? embedding?.name ?? t(msg('a comparison'));
