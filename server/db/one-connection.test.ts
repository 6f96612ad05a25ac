import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scratchFolder } from '../studio/test-studio';
import { openDatabase, type Database } from './open';

const linux = process.platform === 'linux';
const share = (n: number) => ({ id: `s${n}`, tokenHash: `h${n}`, comparisonId: 'c' });
let scratch: ReturnType<typeof scratchFolder>;
let db: Database;
beforeEach(async () => {
  scratch = scratchFolder();
  db = await openDatabase(scratch.url);
  await db.ownerKey.create({ data: { id: 'k', ownerId: 'o', keyHash: 'k' } });
});
afterEach(async () => {
  await db.$disconnect();
  scratch.remove();
});

/** Descriptors of this process on files of the test's database. */
const descriptors = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(scratch.folder);
    } catch {
      return false;
    }
  }).length;
const key = (n: number) => ({ id: `k${n}`, ownerId: 'o', keyHash: `k${n}` });

describe('transactions', () => {
  it.runIf(linux)('leave no descriptor behind, whether they are kept or undone', async () => {
    const before = descriptors();
    for (let n = 0; n < 100; n++) {
      await db.$transaction([db.ownerKey.create({ data: key(n) }), db.ownerKey.count()]);
      await expect(
        db.$transaction(async (tx) => {
          await tx.ownerKey.create({ data: key(1_000 + n) });
          throw new Error('undone');
        }),
      ).rejects.toThrow('undone');
    }
    expect(await db.ownerKey.count()).toBe(101);
    expect(descriptors()).toBe(before);
  });

  it('are whole or nothing, and what fails in one does not touch the next', async () => {
    await expect(
      db.$transaction([db.ownerKey.create({ data: key(1) }), db.share.create({ data: share(1) })]),
    ).rejects.toMatchObject({ code: 'P2003' }); // there is no such comparison
    await expect(
      db.$transaction(async (tx) => {
        await tx.ownerKey.create({ data: key(2) });
        await tx.$executeRawUnsafe('INSERT INTO nosuch VALUES (1)').catch(() => undefined);
        await tx.ownerKey.create({ data: key(3) });
      }),
    ).rejects.toThrow();
    await Promise.all([
      db.$transaction([db.ownerKey.create({ data: key(4) })]),
      db.ownerKey.create({ data: key(5) }),
      db.$transaction(async (tx) => tx.ownerKey.create({ data: key(6) })),
    ]);
    expect((await db.ownerKey.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id)).toEqual([
      'k',
      'k4',
      'k5',
      'k6',
    ]);
  });
});
