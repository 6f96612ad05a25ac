import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedEngine } from '../comparisons/scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import { serveRouter, testBrowser, type TestHttp } from '../trpc/test-http';
import type { StreamItem } from '../../kept/comparison';
import { type Env, readEnv } from '../env/env';
import { clientAddress } from './client-address';
import { ClientLimits } from './client-limits';
import { ownerSetCookie, requestOwner } from './request-owner';
import { ownerSecret } from './secret';
import { cookieValue, newOwner, readCookie } from './signing';

describe('the secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'studio-secret-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is made once, stays, and only its owner can read it', () => {
    const secret = ownerSecret(join(folder, 'data'));
    expect(secret).toHaveLength(32);
    expect(readFileSync(join(folder, 'data/owner-secret'), 'utf8').trim()).toBe(secret.toString('base64url'));
    expect(statSync(join(folder, 'data/owner-secret')).mode & 0o777).toBe(0o600);
  });
  it('that cannot be made is told in words, not in those of the system', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => ownerSecret(join(folder, 'file/data'))).toThrow(
      /cannot be read or made in .*: a part of its path is a file and no folder\. The folder must be writable/,
    );
  });
  it('that is damaged is told, not replaced: the browsers would lose what is theirs', () => {
    writeFileSync(join(folder, 'owner-secret'), 'short');
    expect(() => ownerSecret(folder)).toThrow(/owner-secret is damaged/);
    expect(readFileSync(join(folder, 'owner-secret'), 'utf8')).toBe('short');
  });
});

describe('cookies', () => {
  const [secret, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  it('name their owner, and only with the right signature', () => {
    const [owner, key] = [newOwner(), newOwner()];
    const value = cookieValue(secret, { owner });
    expect(readCookie(secret, value)).toEqual({ owner });
    expect(readCookie(secret, cookieValue(secret, { owner, key }))).toEqual({ owner, key });
    expect(readCookie(other, value)).toBeUndefined();
    // Neither the owner nor the key by which it came can be changed, added or left out.
    expect(readCookie(secret, value.replace(owner, newOwner()))).toBeUndefined();
    expect(readCookie(secret, value.replace(owner, 'local'))).toBeUndefined();
    expect(readCookie(secret, cookieValue(secret, { owner, key }).replace(`.${key}`, ''))).toBeUndefined();
    expect(readCookie(secret, value.replace('.', `.${key}.`))).toBeUndefined();
    for (const bad of ['', '.', 'local.', 'local', `${owner}.${'x'.repeat(43)}`, `${value}.x`])
      expect(readCookie(secret, bad)).toBeUndefined();
  });

  it('the cookie is for the server alone, and secure where the page is, as the settings say', () => {
    const scratch = scratchFolder();
    const settings = readEnv({ DATABASE_URL: scratch.url, HOST: '0.0.0.0' });
    const byHttps = { 'x-forwarded-proto': 'https' };
    const header = (own: Partial<Env> = {}, headers = {}, url = 'http://studio.lan') =>
      ownerSetCookie({ owner: newOwner() }, new Request(url, { headers }), { ...settings, ...own });
    expect(header()).toMatch(/^caption-studio-owner=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    expect(header({ STUDIO_ORIGIN: 'https://studio.lan' })).toMatch(/; Secure$/);
    expect(header({ STUDIO_TRUST_PROXY: '1' }, byHttps)).toMatch(/; Secure$/);
    // Whoever asks may write that too. (Next makes the address of it.)
    expect(header({}, byHttps, 'https://studio.lan')).not.toMatch(/Secure/);
    expect(requestOwner(new Request('http://x'), { ...settings, HOST: '127.0.0.1' })).toEqual({
      owner: 'local',
      isNew: false,
    });
    expect(requestOwner(new Request('http://x'), settings)).toMatchObject({ isNew: true });
    const cookie = ownerSetCookie({ owner: 'local' }, new Request('http://x'), settings).split(';')[0]!;
    expect(requestOwner(new Request('http://x', { headers: { cookie: `a=b; ${cookie}` } }), settings)).toEqual({
      owner: 'local',
      isNew: false,
    });
    scratch.remove();
  });
});

describe('the address that limits are counted for', () => {
  const ask = (headers: Record<string, string>, trust = false) =>
    clientAddress(new Request('http://x', { headers }), trust);
  it('is the connection’s own, a whole IPv6 network as one', () => {
    expect(ask({ 'x-caption-studio-peer': '::ffff:10.0.0.7', 'x-forwarded-for': '1.2.3.4' })).toBe('10.0.0.7');
    expect(ask({ 'x-caption-studio-peer': '2001:db8:1:2:aaaa::1' })).toBe(
      ask({ 'x-caption-studio-peer': '2001:db8:1:2:bbbb:0:0:9' }),
    );
    expect(ask({ 'x-caption-studio-peer': '2001:db8:1:3::1' })).not.toBe(
      ask({ 'x-caption-studio-peer': '2001:db8:1:2::1' }),
    );
    expect(ask({ 'x-caption-studio-peer': '127.0.0.1', 'x-forwarded-for': 'forged, 9.9.9.9' }, true)).toBe('9.9.9.9');
  });
});

describe('limits of a client', () => {
  it('fill up again, are told with the time to wait, and are each client’s own', () => {
    let now = 0;
    const limits = new ClientLimits({ runsPerMinute: 6, uploadsPerMinute: 2, running: 2 }, () => now);
    limits.upload('a');
    limits.upload('a');
    expect(() => limits.upload('a')).toThrow(/2 pictures or files a minute. Try again in 30 s/);
    limits.upload('b');
    now = 30_000;
    limits.upload('a');
    expect(() => limits.upload('a')).toThrow();
    const leave = limits.enterRun('a');
    limits.enterRun('a');
    expect(() => limits.enterRun('a')).toThrow(/2 comparisons running or waiting/);
    leave();
    leave();
    limits.enterRun('a');
    expect(() => limits.enterRun('a')).toThrow(/running or waiting/);
    for (let i = 0; i < 100; i++) {
      limits.enterRun(undefined);
      limits.upload(undefined);
    }
  });
});

describe('keys and links that are guessed', () => {
  it('are limited by client where they are wrong; right ones are not', async () => {
    let now = 0;
    const limits = new ClientLimits({ runsPerMinute: 1, uploadsPerMinute: 1, running: 1 }, () => now);
    const wrong = () => limits.guess('a', () => Promise.reject(new Error('no such key')));
    const right = (client: string | undefined) => limits.guess(client, async () => 'owner');
    for (let i = 0; i < 100; i++) expect(await right('a')).toBe('owner');
    const guesses = await Promise.allSettled(Array.from({ length: 100 }, wrong));
    const told = guesses.map((guess) => (guess.status === 'rejected' ? String(guess.reason) : ''));
    expect(told.filter((words) => words.includes('no such key'))).toHaveLength(20);
    expect(told.filter((words) => /Too many keys or links .* try again in 3 s/.test(words))).toHaveLength(80);
    await expect(right('a')).rejects.toMatchObject({ code: 'busy' });
    expect(await right('b')).toBe('owner');
    expect(await right(undefined)).toBe('owner');
    now = 3_000;
    expect(await right('a')).toBe('owner');
  });
});

/** Values of embeddings that events carry. */
const embeddings = (items: readonly StreamItem[]) =>
  items.flatMap((item) =>
    item.kind === 'event' && item.event.type === 'encoded' && item.event.values ? [item.event.values] : [],
  );

describe('owners over HTTP', () => {
  const scratch = scratchFolder();
  let studio: Studio;
  let http: TestHttp;
  beforeAll(async () => {
    studio = await openTestStudio(scratch.url, scriptedEngine(1), { STUDIO_CLIENT_RUNNING: 3 });
    http = await serveRouter(studio, { DATABASE_URL: scratch.url, HOST: '0.0.0.0' });
  });
  afterAll(async () => {
    await http.close();
    await studio.close();
    scratch.remove();
  });
  const settled = (id: string) => expect.poll(() => studio.store.status(id)).toBe('finished');
  const sample = { input: { kind: 'sample' } } as const;

  it('nobody reads, lists, changes or stops what is another’s', async () => {
    const [mine, theirs] = [testBrowser(http.base).client, testBrowser(http.base).client];
    const { id } = await mine.comparison.create.mutate(sample);
    await settled(id);
    expect((await mine.comparison.get.query({ id })).status).toBe('finished');
    expect((await mine.history.page.query({})).entries.map((entry) => entry.id)).toEqual([id]);
    await theirs.comparison.create.mutate({ ...sample, title: 'theirs' });
    expect((await theirs.history.page.query({})).entries.map(({ title }) => title)).toEqual(['theirs']);

    const notFound = { data: { studio: { code: 'not-found' } } };
    await expect(theirs.comparison.get.query({ id })).rejects.toMatchObject(notFound);
    await expect(theirs.comparison.cancel.mutate({ id })).rejects.toMatchObject(notFound);
    await expect(theirs.history.edit.mutate({ id, title: 'x' })).rejects.toMatchObject(notFound);
    await mine.history.rate.mutate({ id, lane: 'clipcap', rating: { stars: 2, blind: true } });
    await expect(
      theirs.history.rate.mutate({ id, lane: 'clipcap', rating: { stars: 5, blind: false } }),
    ).rejects.toMatchObject(notFound);
    expect([await theirs.history.ratings.query(), await mine.history.ratings.query()]).toEqual([
      [],
      [{ id, lanes: [{ lane: 'clipcap', decoder: 'clipcap', stars: 2, blind: true }] }],
    ]);
    await expect(theirs.share.create.mutate({ id })).rejects.toMatchObject(notFound);
    expect(await theirs.history.remove.mutate({ ids: [id] })).toBe(0);
    expect(await theirs.share.list.query({ id })).toEqual([]);
    const events = await fetch(
      `${http.base}/comparison.events?input=${encodeURIComponent(JSON.stringify({ json: { id } }))}`,
    );
    expect(await events.text()).toContain('not-found');
    // Not even as a picture of one's own comparison.
    const picture = await studio.images.save({ width: 2, height: 2, data: new Uint8Array(12) }, 'png', {
      ownerId: (await studio.store.owner(id))!.id,
    });
    await expect(
      theirs.comparison.create.mutate({ input: { kind: 'image', imageId: picture.id } }),
    ).rejects.toMatchObject(notFound);
    expect((await mine.comparison.create.mutate({ input: { kind: 'image', imageId: picture.id } })).id).toBeTruthy();
  });

  it('a key makes another browser the same owner, and a wrong one nobody', async () => {
    const [first, second] = [testBrowser(http.base), testBrowser(http.base)];
    const { id } = await first.client.comparison.create.mutate(sample);
    const { key } = await first.client.owner.makeKey.mutate();
    expect(JSON.stringify(await studio.database.ownerKey.findMany())).not.toContain(key.split('.')[1]);
    await expect(second.client.owner.restore.mutate({ key: key.slice(0, -2) })).rejects.toMatchObject({
      data: { studio: { code: 'forbidden' } },
    });
    await second.client.owner.restore.mutate({ key: ` ${key}\n` });
    expect((await second.client.history.page.query({})).entries.map((entry) => entry.id)).toEqual([id]);
    // What it makes belongs to the same owner.
    await second.client.comparison.create.mutate(sample);
    expect((await first.client.history.page.query({})).entries).toHaveLength(2);
  });

  it('keys are listed with when they were used, and one is revoked while the others stand', async () => {
    const [mine, lost, kept] = [testBrowser(http.base), testBrowser(http.base), testBrowser(http.base)];
    const { id } = await mine.client.comparison.create.mutate(sample);
    const bad = await mine.client.owner.makeKey.mutate();
    const good = await mine.client.owner.makeKey.mutate();
    await lost.client.owner.restore.mutate({ key: bad.key });
    await kept.client.owner.restore.mutate({ key: good.key });
    const unused = await mine.client.owner.makeKey.mutate();
    expect(await mine.client.owner.keys.query()).toEqual([
      { id: bad.id, createdAt: expect.any(Date), lastUsedAt: expect.any(Date), current: false },
      { id: good.id, createdAt: expect.any(Date), lastUsedAt: expect.any(Date), current: false },
      { id: unused.id, createdAt: expect.any(Date), lastUsedAt: null, current: false },
    ]);
    expect((await kept.client.owner.keys.query()).map(({ current }) => current)).toEqual([false, true, false]);
    // Nobody else's hand reaches it.
    const stranger = testBrowser(http.base).client;
    await expect(stranger.owner.revokeKey.mutate({ id: bad.id })).rejects.toMatchObject({
      data: { studio: { code: 'not-found' } },
    });
    expect(await stranger.owner.keys.query()).toEqual([]);
    await mine.client.owner.revokeKey.mutate({ id: bad.id });
    // The browser that came by it is a stranger at once, and so is whoever tries it anew.
    await expect(lost.client.comparison.get.query({ id })).rejects.toMatchObject({
      data: { studio: { code: 'not-found' } },
    });
    expect((await lost.client.history.page.query({})).entries).toEqual([]);
    await expect(testBrowser(http.base).client.owner.restore.mutate({ key: bad.key })).rejects.toMatchObject({
      message: expect.stringMatching(/or it was revoked/),
    });
    for (const { client } of [mine, kept]) expect((await client.comparison.get.query({ id })).id).toBe(id);
    expect((await mine.client.owner.keys.query()).map((key) => key.id)).toEqual([good.id, unused.id]);
  });

  it('a share link shows one comparison without its note, cannot write, and is nothing once revoked', async () => {
    const [mine, visitor] = [testBrowser(http.base).client, testBrowser(http.base).client];
    const { id } = await mine.comparison.create.mutate({ ...sample, title: 'for you' });
    await settled(id);
    await mine.history.edit.mutate({ id, note: 'mine alone' });
    await mine.history.rate.mutate({ id, lane: 'clipcap', rating: { stars: 4, blind: false } });
    const link = await mine.share.create.mutate({ id });
    const token = link.path.replace('/s/', '');
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(await studio.database.share.findMany())).not.toContain(token);
    const view = await visitor.share.view.query({ token });
    expect(view).toMatchObject({
      title: 'for you',
      note: '',
      status: 'finished',
      lanes: [{ decoder: 'clipcap', rating: { stars: 4, blind: false } }],
    });
    // Whoever has the link reads the rating, and rates nothing.
    for (const which of [id, view.id, token])
      await expect(
        visitor.history.rate.mutate({ id: which, lane: 'clipcap', rating: { stars: 1, blind: false } }),
      ).rejects.toMatchObject({ data: { studio: { code: 'not-found' } } });
    expect((await mine.comparison.get.query({ id })).lanes[0]!.rating).toEqual({ stars: 4, blind: false });
    expect(view.items.length).toBeGreaterThan(3);
    expect(JSON.stringify(view)).not.toContain(id);
    // Much of a picture can be read from its embedding: neither the column nor the events give it away.
    const ownView = await mine.comparison.get.query({ id });
    expect(embeddings(ownView.items)).toHaveLength(1);
    expect([view.embedding, embeddings(view.items)]).toEqual([null, []]);
    expect(view.items.length).toBe(ownView.items.length);
    await expect(visitor.share.revoke.mutate({ id: link.id })).rejects.toMatchObject({
      data: { studio: { code: 'not-found' } },
    });
    await expect(visitor.comparison.get.query({ id })).rejects.toThrow();
    await mine.history.remove.mutate({ ids: [id] });
    await expect(visitor.share.view.query({ token })).rejects.toThrow(/shows nothing/);
    await mine.history.restore.mutate({ ids: [id] });
    expect((await visitor.share.view.query({ token })).title).toBe('for you');
    await mine.share.revoke.mutate({ id: link.id });
    await expect(visitor.share.view.query({ token })).rejects.toThrow(/revoked/);
  });

  it('keys cannot be guessed at without end', async () => {
    const guesses = await Promise.allSettled(
      Array.from({ length: 24 }, () => testBrowser(http.base).client.owner.restore.mutate({ key: 'caption-studio.x' })),
    );
    expect(
      guesses.some((guess) => guess.status === 'rejected' && /Too many keys or links/.test(String(guess.reason))),
    ).toBe(true);
  });

  it('limits are counted for the client, whatever owner it says it is', async () => {
    const slow = await openTestStudio(scratch.url, scriptedEngine(5_000), { STUDIO_CLIENT_RUNNING: 2 });
    const server = await serveRouter(slow, { DATABASE_URL: scratch.url, HOST: '0.0.0.0' });
    const answers = await Promise.allSettled(
      Array.from({ length: 4 }, () => testBrowser(server.base).client.comparison.create.mutate(sample)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const answer of answers)
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({
          data: {
            httpStatus: 429,
            studio: { code: 'busy', message: expect.stringMatching(/2 comparisons running or waiting.*Try again/) },
          },
        });
    await server.close();
    await slow.close();
  });
});
