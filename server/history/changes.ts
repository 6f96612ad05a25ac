import { StudioError } from '../../models/errors';
import { deleting, type Database } from '../db/open';

/** Renames, annotates, or sets the reference captions. @throws not-found */
export async function editComparison(
  db: Database,
  ownerId: string,
  id: string,
  { references, ...change }: { title?: string; note?: string; references?: string[] },
): Promise<void> {
  const { count } = await db.comparison.updateMany({
    where: { id, ownerId, deletedAt: null },
    data: { ...change, ...(references ? { referenceCaptions: references } : {}) },
  });
  if (count === 0) throw new StudioError('not-found', 'This comparison is not in your history (any more).');
}

/** Takes comparisons out of the history; they can be brought back until `undoMs` later. @returns how many */
export async function removeComparisons(
  db: Database,
  ownerId: string,
  ids: readonly string[],
  now = new Date(),
): Promise<number> {
  const { count } = await deleting(db, () =>
    db.comparison.updateMany({
      where: { id: { in: [...ids] }, ownerId, deletedAt: null },
      data: { deletedAt: now },
    }),
  );
  return count;
}

export async function restoreComparisons(db: Database, ownerId: string, ids: readonly string[]): Promise<number> {
  return (
    await db.comparison.updateMany({
      where: { id: { in: [...ids] }, ownerId, deletedAt: { not: null } },
      data: { deletedAt: null },
    })
  ).count;
}
