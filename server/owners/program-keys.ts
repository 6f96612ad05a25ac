import { createHash, randomBytes } from 'node:crypto';
import type { ProgramKeyCard, ProgramScope } from '../../kept/programs';
import { StudioError } from '../../models/errors';
import { deleting, type Database } from '../db/open';
import { randomId } from '../db/random-id';

/** Other words than an ownership key's, so that one is never taken for the other. */
export const programKeyPrefix = 'caption-studio-program.';
/** Keys of one owner at a time. */
const maxKeys = 50;
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');

/**
 * Makes a key by which programs ask as this owner: 256 random bits, told once, here; the database keeps their hash.
 * @param scope `read`: what is there is told; `run`: also what works or keeps something
 * @throws option-invalid for too many
 */
export async function createProgramKey(
  db: Database,
  ownerId: string,
  { name, scope }: { name: string; scope: ProgramScope },
): Promise<{ id: string; key: string }> {
  const key = `${programKeyPrefix}${randomBytes(32).toString('base64url')}`;
  // Counted where it is written: many requests at once must not all find the last place free.
  return db.$transaction(async (tx) => {
    if ((await tx.programKey.count({ where: { ownerId } })) >= maxKeys)
      throw new StudioError('option-invalid', `There are ${maxKeys} keys for programs already. Revoke one first.`);
    const { id } = await tx.programKey.create({
      data: { id: randomId(), ownerId, name, scope, keyHash: hashOf(key) },
    });
    return { id, key };
  });
}

/** Oldest first. */
export async function listProgramKeys(db: Database, ownerId: string): Promise<ProgramKeyCard[]> {
  const rows = await db.programKey.findMany({
    where: { ownerId },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { id: true, name: true, scope: true, createdAt: true, lastUsedAt: true, uses: true },
  });
  return rows.map((row) => ({ ...row, scope: row.scope as ProgramScope }));
}

/** From now on no program is let in by it. @throws not-found */
export async function revokeProgramKey(db: Database, ownerId: string, id: string): Promise<void> {
  const { count } = await deleting(db, () => db.programKey.deleteMany({ where: { id, ownerId } }));
  if (count === 0) throw new StudioError('not-found', 'There is no such key for programs; it was revoked before.');
}

/** Whose program asks, and what it may; counts the use. @throws key-invalid for what never was a key, or was revoked */
export async function ownerByProgramKey(
  db: Database,
  given: string,
  now = new Date(),
): Promise<{ owner: string; id: string; scope: ProgramScope }> {
  const [found] = await db.programKey.updateManyAndReturn({
    where: { keyHash: hashOf(given) },
    data: { lastUsedAt: now, uses: { increment: 1 } },
    select: { id: true, ownerId: true, scope: true },
  });
  if (!found)
    throw new StudioError(
      'key-invalid',
      `This is not a key for programs of this studio, or it was revoked. One begins with “${programKeyPrefix}”; the page “For programs” makes one, and so does: npm run -s studio -- keys new`,
    );
  return { owner: found.ownerId, id: found.id, scope: found.scope as ProgramScope };
}
