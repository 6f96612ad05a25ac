import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TRPCClient, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedEngine } from '../comparisons/scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import type { Source } from '../families/import-job';
import { StudioError } from '../../models/errors';
import { inProcess } from '../cli/test-cli';
import { databaseFile } from '../db/address';
import { createKey } from '../owners/keys';
import { lockFamily } from '../weights/lock';
import { FamilyStore } from '../families/store';
import { copyingImporter } from '../families/test-families';
import type { ModelJob } from '../families/types';
import { TestHub } from '../hub/test-hub';
import type { AppRouter } from './router';
import { serveRouter, testBrowser, type TestHttp } from './test-http';

const scratch = scratchFolder();
const engine = scriptedEngine(40);
const sources: Source[] = [
  {
    name: 'space',
    title: 'A space',
    kind: 'clip',
    adds: 'space',
    goodAt: 'spaces',
    licence: 'MIT',
    files: [{ repository: 'some/space', path: 'model.safetensors' }],
  },
  {
    name: 'decoder',
    title: 'A decoder',
    kind: 'clip',
    adds: 'decoder',
    goodAt: 'words',
    licence: 'MIT',
    needs: 'space',
    files: [{ repository: 'some/space', path: 'model.safetensors' }],
  },
];
let hub: TestHub;
let studio: Studio;
let http: TestHttp;
let client: TRPCClient<AppRouter>;

const open = (settings = {}) =>
  openTestStudio(scratch.url, engine, settings, {
    store: new FamilyStore({ embedded: 'models', installed: join(scratch.folder, 'families') }),
    hub: { endpoint: hub.endpoint, stallMs: 2_000, retryMs: 5 },
    sources,
    kinds: [],
    importer: copyingImporter(),
    answerer: async () => {},
  });
beforeAll(async () => {
  hub = await TestHub.start();
  hub.put(
    'some/space',
    'model.safetensors',
    Uint8Array.from({ length: 2_000_000 }, (_, i) => i % 251),
  );
  studio = await open();
  http = await serveRouter(studio);
  client = testBrowser(http.base).client;
});
afterAll(async () => {
  await http.close();
  await studio.close();
  await hub.stop();
  scratch.remove();
});

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: TRPCClientError<AppRouter>) => error.data,
  );

/** Reads the jobs as a page does, from its beginning, until one is as wanted; then the page is closed. */
async function jobs(enough: (job: ModelJob) => boolean): Promise<ModelJob> {
  const response = await fetch(`${http.base}/models.events`);
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    buffer += decoder.decode(chunk, { stream: true });
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const data = buffer
        .slice(0, end)
        .split('\n')
        .find((line) => line.startsWith('data: '));
      buffer = buffer.slice(end + 2);
      if (!data || data === 'data: ') continue;
      const parsed = superjson.deserialize<ModelJob[] | undefined>(JSON.parse(data.slice(6)));
      const found = Array.isArray(parsed) ? parsed.find(enough) : undefined;
      if (found) return found;
    }
  }
  throw new Error('The stream of jobs ended.');
}

describe('models over HTTP', () => {
  it('plans, pulls with progress that a page opened later still sees, and cancels what can be resumed', async () => {
    expect(await client.models.plan.query({ name: 'space' })).toMatchObject({
      bytes: 2_000_000,
      steps: [{ licence: 'MIT' }],
    });
    hub.bytesPerSecond = 1_000_000;
    const { id } = await client.models.pull.mutate({ name: 'space' });
    expect(await failure(client.models.pull.mutate({ name: 'space' }))).toMatchObject({ studio: { code: 'busy' } });
    const downloading = (job: ModelJob) =>
      job.id === id && job.progress?.phase === 'downloading' && job.progress.received > 200_000;
    await jobs(downloading);
    // Another page, or the same one after a reload.
    expect((await jobs(downloading)).progress).toMatchObject({ speed: expect.any(Number) as number, bytes: 2_000_000 });
    expect(await client.models.cancel.mutate({ id })).toMatchObject({ state: 'cancelled' });
    expect(await client.models.list.query()).toMatchObject({
      unfinished: [{ name: 'space', bytes: 2_000_000 }],
      hub: { endpoint: hub.endpoint },
    });

    hub.bytesPerSecond = undefined;
    hub.seen.length = 0;
    const again = await client.models.pull.mutate({ name: 'space' });
    await jobs((job) => job.id === again.id && job.state === 'done');
    expect(hub.downloads[0]!.headers.range).toMatch(/^bytes=/);
    expect((await client.models.list.query()).families).toMatchObject([
      { name: 'pocket' },
      { name: 'space', space: { dim: 8 }, origins: [{ repository: 'some/space', commit: hub.commit }] },
    ]);
  });

  it('gives what is pulled another name, and lets it join another family', async () => {
    const request = { name: 'decoder', as: 'mine-too', base: 'space' };
    expect(await client.models.plan.query(request)).toMatchObject({
      name: 'mine-too',
      steps: [{ name: 'mine-too', base: 'space', published: 'decoder' }],
    });
    expect(await failure(client.models.plan.query({ ...request, base: 'nosuch' }))).toMatchObject({
      studio: { code: 'family-unknown' },
    });
    hub.bytesPerSecond = 1_000_000;
    const first = await client.models.pull.mutate(request);
    await jobs(
      (job) => job.id === first.id && job.progress?.phase === 'downloading' && job.progress.received > 200_000,
    );
    await client.models.cancel.mutate({ id: first.id });
    hub.bytesPerSecond = undefined;
    // All that is needed to go on is kept with what arrived.
    const [{ name, published, base } = { name: '', published: '' }] = (await client.models.list.query()).unfinished;
    const { id } = await client.models.pull.mutate({ name: published, as: name, base });
    await jobs((job) => job.id === id && job.state === 'done');
    expect((await client.models.list.query()).families.map((family) => family.name)).toEqual([
      'pocket',
      'mine-too',
      'space',
    ]);
    await client.models.remove.mutate({ name: 'mine-too' });
  });

  it('checks a family, and removes it when nobody uses it', async () => {
    const { id } = await client.models.verify.mutate({ name: 'space' });
    expect((await jobs((job) => job.id === id && job.state === 'done')).verification).toMatchObject({ ok: true });
    const created = await client.comparison.create.mutate({
      input: { kind: 'sample' },
      family: 'space',
      lanes: Array.from({ length: 12 }, (_, i) => ({ id: `lane${i}`, decoder: 'clipcap' })),
    });
    expect(await failure(client.models.remove.mutate({ name: 'space' }))).toMatchObject({
      code: 'CONFLICT',
      studio: { code: 'family-needed', message: expect.stringContaining('A comparison waits or runs') as unknown },
    });
    await client.comparison.cancel.mutate({ id: created.id });
    const elsewhere = lockFamily(join(scratch.folder, 'families'), 'space', 'shared')!;
    expect(await failure(client.models.remove.mutate({ name: 'space' }))).toMatchObject({
      studio: { code: 'family-needed' },
    });
    elsewhere();
    await client.models.remove.mutate({ name: 'space' });
    expect(existsSync(join(scratch.folder, 'families/space'))).toBe(false);
  });

  it('tells why a job failed, and what cannot be asked', async () => {
    const file = join(scratch.folder, 'mine.bin');
    await writeFile(file, 'weights');
    const { id } = await client.models.import.mutate({ kind: 'clip', files: [file], name: 'mine' });
    await jobs((job) => job.id === id && job.state === 'done');
    expect(await failure(client.models.import.mutate({ kind: 'clip', files: [file], name: 'mine' }))).toMatchObject({
      studio: { code: 'family-exists' },
    });
    const broken = await client.models.import.mutate({
      kind: 'clip',
      files: [join(scratch.folder, 'nope')],
      name: 'other',
    });
    expect((await jobs((job) => job.id === broken.id && job.state === 'failed')).error).toMatchObject({
      code: 'file-unreadable',
    });
    expect(
      await failure(client.models.import.mutate({ kind: 'clip', files: ['relative.bin'], name: 'other' })),
    ).toMatchObject({ code: 'BAD_REQUEST', studio: { code: 'option-invalid' } });
    expect(await failure(client.models.remove.mutate({ name: '../mine' }))).toMatchObject({ code: 'BAD_REQUEST' });
    expect(await failure(client.models.pull.mutate({ name: 'space', as: 'Not A Name' }))).toMatchObject({
      code: 'BAD_REQUEST',
    });
    expect(await failure(client.models.pull.mutate({ name: 'nosuch' }))).toMatchObject({
      studio: { code: 'option-invalid' },
    });
  });

  it('changes nothing, and tells no path, where each browser is an owner of its own', async () => {
    const shared = await open({ STUDIO_OWNERS: 'browser' });
    const other = await serveRouter(shared, { STUDIO_OWNERS: 'browser' });
    const visitor = testBrowser(other.base).client;
    const view = await visitor.models.list.query();
    expect(view).toMatchObject({
      locked: expect.stringMatching(/STUDIO_OWNERS=browser/) as unknown,
      disk: { folder: expect.not.stringContaining('/') as unknown },
    });
    for (const file of ['/etc/shadow', '/no/such/file'])
      await expect(visitor.models.import.mutate({ kind: 'clip', files: [file], name: 'x' })).rejects.toThrow(
        /on its own machine only/,
      );
    // Nor by what went wrong in a job, here or in the stream.
    shared.models.jobs.start('verify', 'mine', 'mine', () =>
      Promise.reject(new StudioError('file-unreadable', `Cannot read ${join(scratch.folder, 'families/mine/x.bin')}.`)),
    );
    await expect
      .poll(async () => (await visitor.models.list.query()).jobs[0]?.error?.message)
      .toBe('Cannot read …/families/mine/x.bin.');
    for await (const told of shared.models.follow(async () => false, AbortSignal.timeout(2_000)))
      expect(JSON.stringify(told)).not.toContain(scratch.folder);
    await other.close();
    await shared.close();
  });

  it('lets a browser with an administrator’s key change them, until the key is revoked', async () => {
    const shared = await open({ STUDIO_OWNERS: 'browser' });
    const other = await serveRouter(shared, { DATABASE_URL: scratch.url, STUDIO_OWNERS: 'browser' });
    const [shown, visitor] = [testBrowser(other.base), testBrowser(other.base).client];
    const browser = shown.client;
    const told = await inProcess(['models', 'key', 'new', '--json', '--database', databaseFile(scratch.url)]);
    const { id, key } = JSON.parse(told.out) as { id: string; key: string };
    expect(JSON.stringify(await shared.database.ownerKey.findMany())).not.toContain(key.split('.')[1]);
    // It is no key to a history, and a key to a history is none of these.
    await expect(visitor.owner.restore.mutate({ key })).rejects.toThrow(/not an ownership key/);
    const owned = await createKey(shared.database, 'somebody');
    expect(await failure(visitor.models.administer.mutate({ key: owned.key }))).toMatchObject({ code: 'FORBIDDEN' });

    await browser.models.administer.mutate({ key: ` ${key}\n` });
    const view = await browser.models.list.query();
    expect([view.locked, view.disk.folder]).toEqual([undefined, join(scratch.folder, 'families')]);
    expect(await failure(browser.models.remove.mutate({ name: 'nosuch' }))).toMatchObject({
      studio: { code: 'family-unknown' },
    });
    expect((await visitor.models.list.query()).locked).toBeDefined();
    const listed = await inProcess(['models', 'key', 'list', '--database', databaseFile(scratch.url)]);
    expect(listed.out).toMatch(new RegExp(`^${id}  made .*last used `));

    // A stream that was opened before has no more rights than the key.
    const stream = (await shown.fetch(`${other.base}/models.events`)).body!.getReader();
    const heard = async (path: string) => {
      shared.models.jobs.start('verify', 'mine', path, () =>
        Promise.reject(new StudioError('internal', `In ${path}.`)),
      );
      const wanted = new RegExp(`In ([^"]*/${path.at(-1)})\\.`);
      for (let said = ''; ; said += new TextDecoder().decode((await stream.read()).value)) {
        const found = wanted.exec(said);
        if (found) return found[1];
      }
    };
    expect(await heard('/srv/one/a')).toBe('/srv/one/a');
    await inProcess(['models', 'key', 'revoke', id, '--database', databaseFile(scratch.url)]);
    expect(await heard('/srv/two/b')).toBe('…/b');
    await stream.cancel();
    expect(await failure(browser.models.remove.mutate({ name: 'nosuch' }))).toMatchObject({ code: 'FORBIDDEN' });
    expect((await browser.models.list.query()).locked).toBeDefined();
    expect(await failure(browser.models.administer.mutate({ key }))).toMatchObject({ code: 'FORBIDDEN' });
    // Guesses come to an end.
    const guesses = await Promise.all(
      Array.from({ length: 24 }, () => failure(visitor.models.administer.mutate({ key: 'caption-studio.x' }))),
    );
    expect(guesses.some((guess) => guess?.studio.code === 'busy')).toBe(true);
    await other.close();
    await shared.close();
  });

  it('changes nothing in a studio that the network can reach', async () => {
    const shared = await open({ HOST: '0.0.0.0' });
    const other = await serveRouter(shared, { HOST: '0.0.0.0', STUDIO_OWNERS: 'local' });
    const visitor = testBrowser(other.base).client;
    expect((await visitor.models.list.query()).locked).toMatch(/open to the network.*on its own machine only/);
    for (const change of [
      visitor.models.pull.mutate({ name: 'space' }),
      visitor.models.import.mutate({ kind: 'clip', files: ['/etc/passwd'], name: 'x' }),
      visitor.models.remove.mutate({ name: 'mine' }),
      visitor.models.verify.mutate({ name: 'mine' }),
      visitor.models.discard.mutate({ name: 'space' }),
    ])
      expect(await failure(change)).toMatchObject({ code: 'FORBIDDEN', studio: { code: 'forbidden' } });
    await other.close();
    await shared.close();
  });
});
