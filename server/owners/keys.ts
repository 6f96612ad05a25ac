import { createHash, randomBytes } from 'node:crypto';
import { StudioError } from '../../models/errors';
import { randomId } from '../db/random-id';
import { administrator } from './signing';
import { deleting, type Database } from '../db/open';

const prefix = 'caption-studio.';
/** Keys of one owner at a time. */
const maxKeys = 20;
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
export type KeptKey = { id: string; createdAt: Date; lastUsedAt: Date | null };

/**
 * What a person saves, to have the same history in another browser: 256 random bits, told once, here; the database
 * keeps their hash.
 * Whoever has it owns all of the history until it is revoked. @throws option-invalid for too many
 */
export async function createKey(db: Database, ownerId: string): Promise<{ id: string; key: string }> {
  const key = `${prefix}${randomBytes(32).toString('base64url')}`;
  // Counted where it is written: many requests at once must not all find the last place free.
  return db.$transaction(async (tx) => {
    if ((await tx.ownerKey.count({ where: { ownerId } })) >= maxKeys)
      throw new StudioError('option-invalid', `There are ${maxKeys} such keys already. Revoke one first.`);
    const { id } = await tx.ownerKey.create({ data: { id: randomId(), ownerId, keyHash: hashOf(key) } });
    return { id, key };
  });
}

/** Oldest first. */
export async function listKeys(db: Database, ownerId: string): Promise<KeptKey[]> {
  return db.ownerKey.findMany({
    where: { ownerId },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { id: true, createdAt: true, lastUsedAt: true },
  });
}

/** From now on nobody becomes this owner by it, and the browsers that did are strangers again. @throws not-found */
export async function revokeKey(db: Database, ownerId: string, id: string): Promise<void> {
  const { count } = await deleting(db, () => db.ownerKey.deleteMany({ where: { id, ownerId } }));
  if (count === 0) throw new StudioError('not-found', 'There is no such key; it was revoked before.');
}

/**
 * Whose history a key opens; notes that it was used. @throws forbidden for what never was a key here, or was revoked
 */
export async function ownerByKey(
  db: Database,
  given: string,
  now = new Date(),
): Promise<{ owner: string; id: string }> {
  const [found] = await db.ownerKey.updateManyAndReturn({
    where: { keyHash: hashOf(given.trim()), ownerId: { not: administrator } },
    data: { lastUsedAt: now },
    select: { id: true, ownerId: true },
  });
  if (!found)
    throw new StudioError(
      'forbidden',
      'This is not an ownership key of this studio, or it was revoked. A key begins with “caption-studio.” and must be whole; a key of another studio does not fit.',
    );
  return { owner: found.ownerId, id: found.id };
}

/** The id of an administrator's key; notes that it was used. @throws forbidden for what is none, or was revoked */
export async function administratorByKey(db: Database, given: string, now = new Date()): Promise<string> {
  const [found] = await db.ownerKey.updateManyAndReturn({
    where: { keyHash: hashOf(given.trim()), ownerId: administrator },
    data: { lastUsedAt: now },
    select: { id: true },
  });
  if (!found)
    throw new StudioError(
      'forbidden',
      'This is not an administrator’s key of this studio, or it was revoked. The command line of its machine makes one: npm run -s studio -- models key new',
    );
  return found.id;
}

/** Whether a browser that became this owner by a key may still be it. */
export async function keyStands(db: Database, ownerId: string, id: string): Promise<boolean> {
  return (await db.ownerKey.count({ where: { id, ownerId } })) > 0;
}
