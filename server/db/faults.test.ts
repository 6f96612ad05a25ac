import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  chmodSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scratchFolder } from '../studio/test-studio';
import { mayMount } from '../setup/may-mount.mjs';
import { told } from '../errors/told';
import { purgeComparisons } from '../comparisons/purge';
import { removeComparisons } from '../history/changes';
import { DatabasePlace } from './place';
import { Reserve } from './reserve';
import { deleting, openDatabase, placeOf, type Database } from './open';

let scratch: ReturnType<typeof scratchFolder>;
const opened: Database[] = [];
const mounted: string[] = [];
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(async () => {
  for (const db of opened.splice(0)) await db.$disconnect();
  for (const folder of mounted.splice(0)) execFileSync('umount', ['-l', folder]);
  scratch.remove();
});

async function open(folder: string, options: { patienceMs?: number } = {}): Promise<Database> {
  const db = await openDatabase(`file:${join(folder, 'studio.db')}`, options);
  opened.push(db);
  return db;
}
/** A file system of its own, of so many megabytes. */
function mount(megabytes: number): string {
  const folder = join(scratch.folder, `disk-${mounted.length}`);
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  mounted.push(folder);
  return folder;
}
const key = (n: number) => ({ id: `k${n}`, ownerId: 'o', keyHash: `k${n}` });
const picture = (n: number, bytes: number) => ({
  id: `i${n}`,
  mime: 'image/png',
  width: 1,
  height: 1,
  bytes: new Uint8Array(bytes).fill(n),
  thumbnail: new Uint8Array(1),
  size: bytes,
});
const comparison = (n: number) => ({
  id: `c${n}`,
  family: 'pocket',
  inputKind: 'image',
  imageId: `i${n}`,
  instanceId: 'x',
  status: 'finished',
  heartbeatAt: new Date(),
});
/** Writes until there is not a byte left. */
function fill(folder: string): void {
  const file = openSync(join(folder, 'filler'), 'a');
  for (const size of [1024 ** 2, 4096, 1])
    for (;;) {
      try {
        writeSync(file, new Uint8Array(size));
      } catch {
        break;
      }
    }
  closeSync(file);
}
const reserveOf = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('room-to-delete'));
/** Each kind of write that the studio makes, as each of them fails. */
async function everyWrite(db: Database): Promise<{ code: string; message: string; storage: unknown }[]> {
  const attempts = [
    () => db.ownerKey.create({ data: key(1) }),
    () => db.ownerKey.updateMany({ data: { lastUsedAt: new Date() } }),
    () => db.ownerKey.upsert({ where: { id: 'k2' }, create: key(2), update: {} }),
    () => db.ownerKey.deleteMany(),
    () => db.$executeRaw`DELETE FROM OwnerKey`,
    () => db.$transaction([db.ownerKey.create({ data: key(3) }), db.ownerKey.deleteMany()]),
    () => db.$transaction(async (tx) => tx.ownerKey.create({ data: key(4) })),
    () => db.image.create({ data: picture(1, 200_000) }),
  ];
  const errors = [];
  for (const attempt of attempts) {
    const error = await attempt().then(
      () => expect.unreachable('it was written'),
      (thrown: unknown) => told(thrown),
    );
    errors.push({ code: error.code, message: error.message, storage: error.details?.storage });
  }
  return errors;
}
async function deleteAll(db: Database): Promise<void> {
  const ids = Array.from({ length: 30 }, (_, n) => `c${n}`);
  expect(await removeComparisons(db, 'local', ids)).toBe(30);
  expect(await purgeComparisons(db, 'local')).toBe(30);
  expect([await db.comparison.count(), await db.image.count({ where: { id: { startsWith: 'i' } } })]).toEqual([0, 0]);
}
const foreignWords =
  /[Pp]risma|invocation|[Ss][Qq][Ll]ite|libsql|[Dd]river|adapter|errno|\bE[A-Z]{4,}|\bP\d{4}\b|\.(js|ts):\d+/;

describe('a fault of the database', () => {
  it('locked by another program', async () => {
    const db = await open(scratch.folder, { patienceMs: 200 });
    const other = new Sqlite(join(scratch.folder, 'studio.db'));
    other.exec('BEGIN IMMEDIATE');
    // The process goes on meanwhile: SQLite's own wait would hold it up.
    let turns = 0;
    const clock = setInterval(() => turns++, 10);
    for (const error of await everyWrite(db)) {
      expect(error).toMatchObject({ code: 'busy', storage: 'locked' });
      expect(error.message).toMatch(/Another program holds.*Nothing was changed.*try again/);
      expect(error.message).not.toMatch(foreignWords);
    }
    clearInterval(clock);
    expect(turns).toBeGreaterThan(8);
    expect(await db.ownerKey.count()).toBe(0);
    // A lock that is given back in time is waited for.
    const patient = await open(scratch.folder);
    setTimeout(() => other.exec('ROLLBACK'), 700);
    await patient.ownerKey.create({ data: key(9) });
    // And what had to wait in vain works again.
    await db.$transaction([db.ownerKey.create({ data: key(1) }), db.ownerKey.create({ data: key(2) })]);
    other.close();
  });

  it('its folder moved away, deleted, or put back', async () => {
    const folder = join(scratch.folder, 'data');
    const db = await open(folder);
    placeOf(db).demand();
    const away = join(scratch.folder, 'away');
    renameSync(folder, away);
    for (const error of await everyWrite(db)) {
      expect(error).toMatchObject({ code: 'storage-unavailable', storage: 'gone' });
      expect(error.message).not.toMatch(foreignWords);
    }
    expect(() => placeOf(db).demand()).toThrow(/no longer where it was/);
    // Another database in its place is another database.
    const impostor = await open(folder);
    expect(await everyWrite(db)).toContainEqual(expect.objectContaining({ storage: 'gone' }));
    await impostor.$disconnect();
    rmSync(folder, { recursive: true });
    renameSync(away, folder);
    await db.ownerKey.create({ data: key(1) });
    rmSync(folder, { recursive: true });
    expect((await everyWrite(db)).map(({ storage }) => storage)).not.toContain(undefined);
  });

  it('a damaged file', async () => {
    const db = await open(scratch.folder);
    await db.ownerKey.create({ data: key(1) });
    await db.$executeRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => undefined);
    await db.$disconnect();
    const file = join(scratch.folder, 'studio.db');
    const handle = openSync(file, 'r+');
    // All but the header.
    writeSync(handle, new Uint8Array(statSync(file).size - 100).fill(0xa5), 0, undefined, 100);
    closeSync(handle);
    await expect(open(scratch.folder)).rejects.toMatchObject({
      code: 'file-unreadable',
      details: { storage: 'damaged' },
      message: expect.not.stringMatching(foreignWords),
    });
  });

  it.skipIf(!mayMount())('a disk that is read-only', async () => {
    const folder = mount(8);
    const db = await open(folder);
    await db.$queryRaw`PRAGMA query_only = ON`;
    for (const error of await everyWrite(db)) {
      expect(error).toMatchObject({ code: 'storage-unavailable', storage: 'read-only' });
      expect(error.message).not.toMatch(foreignWords);
    }
    expect(await db.ownerKey.count()).toBe(0);
    await db.$disconnect();
    const same = join(scratch.folder, 'same');
    mkdirSync(same);
    execFileSync('mount', ['--bind', folder, same]);
    mounted.push(same);
    execFileSync('mount', ['-o', 'remount,bind,ro', same]);
    for (const name of ['studio.db', 'other.db'])
      await expect(openDatabase(`file:${join(same, name)}`)).rejects.toMatchObject({
        details: { storage: 'read-only' },
      });
    expect(() => new DatabasePlace(join(same, 'studio.db')).demand()).toThrow(/read-only/);
  });

  it.skipIf(!mayMount())('a full disk, on which deleting works, also after a new start', async () => {
    const folder = mount(80);
    const db = await open(folder);
    expect(reserveOf(folder)).toHaveLength(4);
    for (let n = 0; n < 30; n++) {
      await db.image.create({ data: picture(n, 500_000) });
      await db.comparison.create({ data: comparison(n) });
    }
    await db.ownerKey.create({ data: key(0) });
    await db.$executeRawUnsafe(`VACUUM INTO '${join(scratch.folder, 'before.db')}'`);
    fill(folder);
    // What the log and free pages have room for.
    let n = 100;
    for (const bytes of [400_000, 20_000, 1])
      while (
        await db.image.create({ data: { ...picture(n, bytes), id: `x${n++}` } }).then(
          () => true,
          () => false,
        )
      );
    const large = { data: picture(90, 400_000) };
    for (const attempt of [
      () => db.image.create(large),
      () => db.$transaction([db.ownerKey.create({ data: key(1) }), db.image.create(large)]),
      () => db.$transaction(async (tx) => tx.image.create(large)),
      () => db.$executeRaw`UPDATE Image SET bytes = zeroblob(400000) WHERE id = 'x100'`,
    ]) {
      const error = told(await attempt().catch((thrown: unknown) => thrown));
      expect(error).toMatchObject({ code: 'storage-full', message: expect.stringMatching(/Delete .* History/) });
      expect(error.message).not.toMatch(foreignWords);
    }
    await deleteAll(db);
    // What was deleted makes room for what is new, while the disk is as full as before.
    await db.image.create({ data: picture(91, 2_000_000) });

    // A new start on a full disk, without any log that has room.
    const other = mount(80);
    copyFileSync(join(scratch.folder, 'before.db'), join(other, 'studio.db'));
    new Reserve(other).renew();
    fill(other);
    const again = await open(other);
    expect(await again.comparison.count()).toBe(30);
    await deleteAll(again);
  });

  it.skipIf(!mayMount())(
    'gives up the reserve for a deletion that finds no room, and keeps one again later',
    async () => {
      const folder = mount(80);
      const db = await open(folder);
      fill(folder);
      let tries = 0;
      const result = await deleting(db, async () => {
        if (tries++ === 0) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
        return 'done';
      });
      expect([result, tries]).toEqual(['done', 2]);
      expect(reserveOf(folder)).toHaveLength(3);
      rmSync(join(folder, 'filler'));
      await deleting(db, async () => undefined);
      expect(reserveOf(folder)).toHaveLength(4);
    },
  );
});

describe('the database file', () => {
  it.skipIf(process.platform === 'win32')('is its owner’s alone to read, a former one too', async () => {
    const modes = () => readdirSync(scratch.folder).map((name) => statSync(join(scratch.folder, name)).mode & 0o777);
    const db = await open(scratch.folder);
    await db.ownerKey.create({ data: key(1) });
    expect(readdirSync(scratch.folder)).toEqual(
      expect.arrayContaining(['studio.db', 'studio.db-wal', 'studio.db-shm']),
    );
    expect(new Set(modes())).toEqual(new Set([0o600]));
    for (const name of readdirSync(scratch.folder)) chmodSync(join(scratch.folder, name), 0o644);
    await open(scratch.folder);
    expect(new Set(modes().filter((mode) => mode !== 0o644))).toEqual(new Set([0o600]));
    for (const end of ['', '-wal', '-shm'])
      expect(statSync(join(scratch.folder, `studio.db${end}`)).mode & 0o777).toBe(0o600);
  });
});
