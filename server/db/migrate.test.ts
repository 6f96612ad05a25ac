import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scratchFolder } from '../studio/test-studio';
import { migrate } from './migrate';
import { openDatabase } from './open';

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

const folder = () => join(scratch.folder, 'migrations');
function write(name: string, sql: string): void {
  mkdirSync(join(folder(), name), { recursive: true });
  writeFileSync(join(folder(), name, 'migration.sql'), sql);
}
const adapter = () => new PrismaLibSql({ url: scratch.url, timeout: 5_000 });
async function rows(sql: string): Promise<unknown[][]> {
  const db = await adapter().connect();
  try {
    return (await db.queryRaw({ sql, args: [], argTypes: [] })).rows;
  } finally {
    await db.dispose();
  }
}

describe('migrations', () => {
  it('are applied once, in order of name, each new one later', async () => {
    write('2_fill', `INSERT INTO word VALUES ('dog'); INSERT INTO word VALUES ('grass');`);
    write('1_make', 'CREATE TABLE word (text TEXT NOT NULL);');
    expect(await migrate(adapter(), folder())).toEqual(['1_make', '2_fill']);
    expect(await migrate(adapter(), folder())).toEqual([]);
    write('3_more', `INSERT INTO word VALUES ('sky');`);
    expect(await migrate(adapter(), folder())).toEqual(['3_more']);
    expect(await rows('SELECT text FROM word ORDER BY text')).toEqual([['dog'], ['grass'], ['sky']]);
  });

  it('leave the database as it was when one fails half-way, and go on when it is mended', async () => {
    write('1_make', 'CREATE TABLE word (text TEXT NOT NULL);');
    write('2_bad', `INSERT INTO word VALUES ('dog'); INSERT INTO nosuch VALUES (1);`);
    await expect(migrate(adapter(), folder())).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/2_bad failed and left the database as it was/),
    });
    expect(await rows('SELECT count(*) FROM word')).toEqual([[0]]);
    write('2_bad', `INSERT INTO word VALUES ('dog');`);
    expect(await migrate(adapter(), folder())).toEqual(['2_bad']);
  });

  it('refuse a file that was edited after it had been applied', async () => {
    write('1_make', 'CREATE TABLE word (text TEXT NOT NULL);');
    await migrate(adapter(), folder());
    write('1_make', 'CREATE TABLE word (text TEXT);');
    await expect(migrate(adapter(), folder())).rejects.toMatchObject({
      message: expect.stringContaining('1_make was edited'),
    });
  });

  it('rebuild a table without deleting the rows that point at it', async () => {
    write(
      '1_make',
      `CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER NOT NULL REFERENCES a (id) ON DELETE CASCADE); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);`,
    );
    write(
      '2_rebuild',
      `CREATE TABLE new_a (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO new_a (id) SELECT id FROM a; DROP TABLE a; ALTER TABLE new_a RENAME TO a;`,
    );
    await migrate(adapter(), folder());
    expect(await rows('SELECT count(*) FROM b')).toEqual([[1]]);
  });
});

describe('opening the database', () => {
  it('makes folder and file', async () => {
    const db = await openDatabase(`file:${join(scratch.folder, 'deep/er/studio.db')}`);
    expect(await db.comparison.count()).toBe(0);
    await db.$disconnect();
  });

  it('says what to do when the place cannot be written', async () => {
    writeFileSync(join(scratch.folder, 'file'), '');
    await expect(openDatabase(`file:${join(scratch.folder, 'file/studio.db')}`)).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringMatching(/Cannot open the database.*DATABASE_URL/),
    });
    writeFileSync(join(scratch.folder, 'text.db'), 'This is a text, and no database at all. '.repeat(200));
    await expect(openDatabase(`file:${join(scratch.folder, 'text.db')}`)).rejects.toMatchObject({
      code: 'file-unreadable',
      message: expect.stringMatching(/damaged, or is no database/),
    });
  });
});
