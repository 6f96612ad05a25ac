import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import Sqlite from 'libsql';
import superjson from 'superjson';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../cli/main';
import { scriptedEngine } from '../comparisons/scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import { placeOf } from '../db/open';
import { mayMount } from '../setup/may-mount.mjs';
import { uploadDoor } from '../studio/upload-door';
import { appRouter } from './router';
import { serveRouter, type TestHttp } from './test-http';

/** Words that no person should read: of libraries, of the operating system, of code. */
const foreignWords =
  /[Pp]risma|invocation|[Ss][Qq][Ll]ite|SQLITE|libsql|[Dd]river|errno|\bE[A-Z]{4,}|\bP\d{4}\b|\.(js|ts):\d+|ZodError|Invalid input|Unexpected token/;

let scratch: ReturnType<typeof scratchFolder>;
let studio: Studio;
let http: TestHttp;
let folder: string;
const undo: (() => void)[] = [];
beforeEach(() => {
  scratch = scratchFolder();
  folder = join(scratch.folder, 'data');
  mkdirSync(folder);
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) step();
  await http.close();
  await studio.close();
  for (const step of unmount.splice(0)) step();
  scratch.remove();
});
const unmount: (() => void)[] = [];

async function begin(): Promise<string> {
  studio = await openTestStudio(`file:${join(folder, 'studio.db')}`, scriptedEngine(1), {
    STUDIO_DATABASE_WAIT_MS: 60,
  });
  http = await serveRouter(studio);
  const created = await call('comparison.create', { input: { kind: 'sample' }, lanes: [{ decoder: 'clipcap' }] });
  const { id } = superjson.deserialize<{ id: string }>(JSON.parse(created.text).result.data);
  await expect.poll(async () => (await studio.comparisons.get(id)).status).toBe('finished');
  return id;
}
async function call(procedure: string, input: unknown): Promise<{ status: number; text: string; code?: string }> {
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } } | undefined>;
  const body = JSON.stringify(superjson.serialize(input));
  const response = await (procedures[procedure]?._def.type === 'mutation'
    ? fetch(`${http.base}/${procedure}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    : fetch(`${http.base}/${procedure}?input=${encodeURIComponent(body)}`));
  // A stream of events goes on; its errors come as the first of them.
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    const { value } = (await response.body!.getReader().read()) as { value?: Uint8Array };
    return { status: 400, text: new TextDecoder().decode(value) };
  }
  const text = await response.text();
  const said = JSON.parse(text) as { error?: { json: { data: { studio: { code: string } } } } };
  return { status: response.status, text, code: said.error?.json.data.studio.code };
}
/** The command line on the same database. */
async function commandLine(...args: string[]): Promise<{ status: number; said: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let said = '';
  for (const stream of [stdout, stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const status = await main([...args, '--database', join(folder, 'studio.db')], {
    stdin,
    stdout,
    stderr,
    cwd: folder,
    env: { STUDIO_DATABASE_WAIT_MS: '60' },
    signal: new AbortController().signal,
    openEngine: () => Promise.reject(new Error('no engine here')),
  });
  return { status, said };
}

/** All that writes, with an input that would be taken. */
const writes = (id: string): [string, unknown][] => [
  ['comparison.create', { input: { kind: 'sample' }, lanes: [{ decoder: 'clipcap' }] }],
  ['comparison.extend', { id, lanes: [{ decoder: 'decap' }] }],
  ['history.edit', { id, title: 'Another' }],
  ['history.rate', { id, lane: 'clipcap', rating: { stars: 3, blind: false } }],
  ['history.remove', { ids: [id] }],
  ['share.create', { id }],
  ['owner.makeKey', undefined],
];
async function everyWriteIsTold(id: string, code: string): Promise<void> {
  for (const [procedure, input] of writes(id)) {
    const answer = await call(procedure, input);
    expect([procedure, answer.code, answer.text]).toEqual([procedure, code, expect.not.stringMatching(foreignWords)]);
  }
  const upload = await uploadDoor(
    new Request('http://127.0.0.1/', { method: 'POST', headers: { host: '127.0.0.1' } }),
    async () => studio,
    () => studio.database.ownerKey.create({ data: { id: 'u', ownerId: 'o', keyHash: 'u' } }),
  );
  expect([upload.status, await upload.text()]).toEqual([
    code === 'storage-full' ? 507 : 503,
    expect.not.stringMatching(foreignWords),
  ]);
}

describe('a fault of the database at the borders', () => {
  it('another program holds it', async () => {
    const id = await begin();
    const other = new Sqlite(join(folder, 'studio.db'));
    undo.push(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    await everyWriteIsTold(id, 'busy');
    const { status, said } = await commandLine('history', 'key', 'new');
    expect([status, said]).toEqual([1, expect.stringMatching(/Another program holds/)]);
    expect(said).not.toMatch(foreignWords);
    other.exec('ROLLBACK');
    expect((await call('history.edit', { id, title: 'Now' })).status).toBe(200);
  });

  it('its folder was moved away', async () => {
    const id = await begin();
    const away = join(scratch.folder, 'away');
    renameSync(folder, away);
    await everyWriteIsTold(id, 'storage-unavailable');
    expect(() => placeOf(studio.database).demand()).toThrow(/no longer where it was/);
    renameSync(away, folder);
    expect((await call('history.edit', { id, title: 'Now' })).status).toBe(200);
  });

  it('it became read-only', async () => {
    const id = await begin();
    await studio.database.$queryRaw`PRAGMA query_only = ON`;
    await everyWriteIsTold(id, 'storage-unavailable');
  });

  it('it is damaged while it runs, and for the command line', async () => {
    const id = await begin();
    await studio.database.$queryRaw`PRAGMA wal_checkpoint(TRUNCATE)`;
    await studio.database.$queryRaw`PRAGMA cache_size = 0`;
    const file = openSync(join(folder, 'studio.db'), 'r+');
    writeSync(file, new Uint8Array(400_000).fill(0xa5), 0, undefined, 4096);
    closeSync(file);
    for (const [procedure, input] of writes(id)) {
      const { text } = await call(procedure, input);
      expect([procedure, text]).toEqual([procedure, expect.not.stringMatching(foreignWords)]);
    }
    const { status, said } = await commandLine('history', 'list');
    expect([status, said]).toEqual([1, expect.stringMatching(/damaged/)]);
    expect(said).not.toMatch(foreignWords);
  });

  it.skipIf(!mayMount())('its folder is mounted read-only while it runs', async () => {
    const id = await begin();
    execFileSync('mount', ['--bind', folder, folder]);
    let mounted = true;
    const remove = () => mounted && (execFileSync('umount', ['-l', folder]), (mounted = false));
    unmount.push(remove);
    execFileSync('mount', ['-o', 'remount,bind,ro', folder]);
    await everyWriteIsTold(id, 'storage-unavailable');
    expect(() => placeOf(studio.database).demand()).toThrow(/read-only/);
    expect((await call('comparison.get', { id })).status).toBe(200);
    for (const words of [
      ['history', 'key', 'new'],
      ['models', 'key', 'new'],
    ]) {
      const { status, said } = await commandLine(...words);
      expect([status, said]).toEqual([
        1,
        expect.stringMatching(/cannot be written: its folder or its disk is read-only/),
      ]);
      expect(said).not.toMatch(foreignWords);
    }
    remove();
    expect((await call('history.edit', { id, title: 'Now' })).status).toBe(200);
  });

  it.skipIf(!mayMount())('its disk is full', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', folder]);
    unmount.push(() => execFileSync('umount', ['-l', folder]));
    const id = await begin();
    const filler = openSync(join(folder, 'filler'), 'a');
    undo.push(() => closeSync(filler));
    for (const size of [1024 ** 2, 4096, 1])
      for (let room = true; room;) {
        try {
          writeSync(filler, new Uint8Array(size));
        } catch {
          room = false;
        }
      }
    for (const procedure of ['comparison.create', 'comparison.extend']) {
      const answer = await call(procedure, Object.fromEntries(writes(id))[procedure]);
      expect([procedure, answer.code]).toEqual([procedure, 'storage-full']);
      expect(answer.text).toMatch(/Delete comparisons under History.*the largest of yours/);
      expect(answer.text).not.toMatch(foreignWords);
    }
    expect((await call('history.remove', { ids: [id] })).text).toContain('"json":1');
    expect((await call('history.purge', {})).text).toContain('"json":1');
  });
});

describe('whatever else is wrong', () => {
  it('is told in the studio’s words, for every request there is', async () => {
    await begin();
    const names = Object.keys(appRouter._def.procedures);
    expect(names.length).toBeGreaterThan(30);
    for (const name of [...names, 'no.such'])
      for (const input of [
        undefined,
        null,
        7,
        { id: 7, unknown: true },
        { id: 'x'.repeat(9_000) },
        { ids: [], key: [] },
      ]) {
        const answer = await call(name, input);
        if (answer.status >= 400) expect([name, answer.text]).toEqual([name, expect.not.stringMatching(foreignWords)]);
      }
    const broken = await fetch(`${http.base}/history.edit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"json":',
    });
    expect([broken.status, await broken.text()]).toEqual([400, expect.not.stringMatching(foreignWords)]);
  });

  it('says where a request does not fit, and what was expected', async () => {
    await begin();
    const said = async (procedure: string, input: unknown) =>
      (JSON.parse((await call(procedure, input)).text) as { error: { json: { message: string } } }).error.json.message;
    expect(await said('history.page', { limit: 500 })).toContain('limit: may be at most 100');
    expect(await said('comparison.get', {})).toContain('id: is missing');
    expect(await said('history.rate', { id: 'a', lane: 'b', rating: 'good' })).toMatch(/rating: must be an object/);
  });
});
