import { StudioError } from '../../models/errors';
import type { ComparisonNotes } from '../../kept/answers';
import type { ComparisonStatus } from '../../kept/comparison';
import { mergeLines } from '../../kept/merge-lines';
import type { PersonCaption } from '../../kept/person-captions';
import { ratingsOf } from '../../kept/ratings';
import type { EditComparison } from '../../kept/requests';
import { ratingOf } from '../comparisons/rating-columns';
import { itemCount } from '../comparisons/rows';
import { deleting, type Database } from '../db/open';

export const notYours = () => new StudioError('not-found', 'This comparison is not in your history (any more).');

/**
 * Renames, annotates, or sets the reference captions; with `referencesBefore` those that others added since stay.
 * @throws not-found
 */
export async function editComparison(
  db: Database,
  ownerId: string,
  id: string,
  { references, referencesBefore, ...change }: Omit<EditComparison, 'id'>,
): Promise<void> {
  const where = { id, ownerId, deletedAt: null };
  await db.$transaction(async (tx) => {
    const kept =
      references && referencesBefore
        ? await tx.comparison.findFirst({ where, select: { referenceCaptions: true } })
        : undefined;
    const merged =
      references && referencesBefore
        ? mergeLines((kept?.referenceCaptions ?? []) as string[], referencesBefore, references)
        : references;
    const { count } = await tx.comparison.updateMany({
      where,
      data: { ...change, ...(merged ? { referenceCaptions: merged } : {}) },
    });
    if (count === 0) throw notYours();
  });
}

/** What may have been changed since a comparison was read, and how many items it has by now. @throws not-found */
export async function comparisonNotes(db: Database, ownerId: string, id: string): Promise<ComparisonNotes> {
  return db.$transaction(async (tx) => {
    const row = await tx.comparison.findFirst({
      where: { id, ownerId, deletedAt: null },
      select: {
        status: true,
        title: true,
        referenceCaptions: true,
        personCaptions: true,
        lanes: { select: { key: true, stars: true, ratedBlind: true } },
      },
    });
    if (!row) throw notYours();
    return {
      status: row.status as ComparisonStatus,
      items: await itemCount(tx, id),
      title: row.title,
      references: (row.referenceCaptions ?? []) as string[],
      ratings: ratingsOf(row.lanes.map(({ key, ...lane }) => ({ id: key, ...ratingOf(lane) }))),
      said: (row.personCaptions ?? []) as PersonCaption[],
    };
  });
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
