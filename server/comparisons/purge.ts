import { deleting, type Database } from '../db/open';

/** A deleted comparison can be brought back for so long. */
export const undoMs = 7 * 24 * 3600_000;

/** Stops what runs of these comparisons, and waits until it has ended. */
export type EndRuns = (ids: readonly string[]) => Promise<void>;

/**
 * Deletes for good what was deleted: these, or without ids all of the owner's. Pictures that nothing else shows go with
 * them. What still runs is ended first.
 */
export async function purgeComparisons(
  db: Database,
  ownerId: string,
  ids?: readonly string[],
  endRuns: EndRuns = async () => {},
): Promise<number> {
  return purge(db, { ownerId, deletedAt: { not: null }, ...(ids ? { id: { in: [...ids] } } : {}) }, endRuns);
}

/**
 * Deletes a comparison that nobody was to keep, whatever became of it. `picture`: it was given for this comparison
 * alone, and goes with it where nothing else shows it.
 */
export async function forgetComparison(
  db: Database,
  { id, ownerId, picture }: { id: string; ownerId: string; picture: boolean },
  endRuns: EndRuns,
): Promise<void> {
  if (picture) return void (await purge(db, { id, ownerId }, endRuns));
  await endRuns([id]);
  await deleting(db, () => db.comparison.deleteMany({ where: { id, ownerId } }));
}

/** Deletes for good what nobody brought back in time. */
export const purgeExpired = (db: Database, now = Date.now()) =>
  purge(db, { deletedAt: { lt: new Date(now - undoMs) } });

async function purge(
  db: Database,
  where: NonNullable<Parameters<Database['comparison']['deleteMany']>[0]>['where'],
  endRuns: EndRuns = async () => {},
): Promise<number> {
  let purged = 0;
  const found = await db.comparison.findMany({ where, select: { id: true, imageId: true } });
  // SQLite takes some thousand parameters in one statement; on a full disk there is room for a few megabytes of log.
  for (let at = 0; at < found.length; at += 100) {
    const part = found.slice(at, at + 100);
    const ids = part.map(({ id }) => id);
    const imageIds = part.flatMap(({ imageId }) => (imageId ? [imageId] : []));
    await endRuns(ids);
    const [{ count }] = await deleting(db, () =>
      db.$transaction([
        // The condition again: one may have been brought back since.
        db.comparison.deleteMany({ where: { AND: [where ?? {}, { id: { in: ids } }] } }),
        db.image.deleteMany({ where: { id: { in: imageIds }, ownerId: { not: 'studio' }, comparisons: { none: {} } } }),
      ]),
    );
    purged += count;
  }
  return purged;
}

/** Takes back what an import wrote before it failed. */
export const dropComparisons = (db: Database, ids: readonly string[]) => purge(db, { id: { in: [...ids] } });
