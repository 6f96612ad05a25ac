import { createHash, randomBytes } from 'node:crypto';
import { StudioError } from '../../models/errors';
import { randomId } from '../db/random-id';
import { deleting, type Database } from '../db/open';
import type { ShareLink } from '../../kept/answers';

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');
/** Links of one comparison at a time. */
const maxLinks = 20;

/**
 * A link that shows one comparison to whoever has it, and can do nothing else. Its token (256 random bits) is told
 * once, here; the
 * database keeps its hash. @throws not-found, option-invalid
 */
export async function createShare(
  db: Database,
  ownerId: string,
  comparisonId: string,
): Promise<ShareLink & { path: string }> {
  const token = randomBytes(32).toString('base64url');
  // Counted where it is written: many requests at once must not all find the last place free.
  return db.$transaction(async (tx) => {
    if (!(await tx.comparison.count({ where: { id: comparisonId, ownerId, deletedAt: null } })))
      throw new StudioError('not-found', 'This comparison is not in your history (any more).');
    if ((await tx.share.count({ where: { comparisonId } })) >= maxLinks)
      throw new StudioError('option-invalid', `This comparison has ${maxLinks} links already. Revoke one first.`);
    const data = { id: randomId(), tokenHash: hashOf(token), comparisonId };
    const { id, createdAt } = await tx.share.create({ data });
    return { id, createdAt, path: `/s/${token}` };
  });
}

export async function listShares(db: Database, ownerId: string, comparisonId: string): Promise<ShareLink[]> {
  return db.share.findMany({
    where: { comparisonId, comparison: { ownerId } },
    orderBy: { createdAt: 'asc' },
    select: { id: true, createdAt: true },
  });
}

/** From now on the link shows nothing. @throws not-found */
export async function revokeShare(db: Database, ownerId: string, id: string): Promise<void> {
  const { count } = await deleting(db, () => db.share.deleteMany({ where: { id, comparison: { ownerId } } }));
  if (count === 0) throw new StudioError('not-found', 'There is no such link; it was revoked before.');
}

/**
 * What a link shows. @throws not-found for a token that never was, was revoked, or whose comparison was deleted: all
 * the same to a stranger
 */
export async function sharedComparison(db: Database, token: string): Promise<{ id: string; imageId: string | null }> {
  const row = await db.share.findUnique({
    where: { tokenHash: hashOf(token) },
    select: { comparison: { select: { id: true, imageId: true, deletedAt: true } } },
  });
  if (!row || row.comparison.deletedAt)
    throw new StudioError(
      'not-found',
      'This link shows nothing: it was revoked, or never was one. Ask whoever sent it for a new one.',
    );
  const { id, imageId } = row.comparison;
  return { id, imageId };
}
