import type { Database } from '../db/open';

/** A deleted comparison can be brought back for so long. */
export const undoMs = 7 * 24 * 3600_000;

/**
 * Deletes for good what was deleted: these, or without ids all of the owner's. Pictures that nothing else shows go with
 * them.
 */
export async function purgeComparisons(db: Database, ownerId: string, ids?: readonly string[]): Promise<number> {
  return purge(db, { ownerId, deletedAt: { not: null }, ...(ids ? { id: { in: [...ids] } } : {}) });
}

/** Deletes for good what nobody brought back in time. */
export const purgeExpired = (db: Database, now = Date.now()) =>
  purge(db, { deletedAt: { lt: new Date(now - undoMs) } });

async function purge(
  db: Database,
  where: NonNullable<Parameters<Database['comparison']['deleteMany']>[0]>['where'],
): Promise<number> {
  const found = await db.comparison.findMany({ where, select: { id: true, imageId: true } });
  // SQLite takes some thousand parameters in one statement.
  for (let at = 0; at < found.length; at += 500) {
    const part = found.slice(at, at + 500);
    const imageIds = part.flatMap(({ imageId }) => (imageId ? [imageId] : []));
    await db.$transaction([
      db.comparison.deleteMany({ where: { id: { in: part.map(({ id }) => id) } } }),
      db.image.deleteMany({ where: { id: { in: imageIds }, ownerId: { not: 'studio' }, comparisons: { none: {} } } }),
    ]);
  }
  return found.length;
}
