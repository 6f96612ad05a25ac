import { expect } from '@playwright/test';
import type { ComparisonView } from '../kept/comparison';
import { ServerClient } from './server-client';
import { test } from './studio';

test.describe('the server', () => {
  test('captions the sample with every decoder and keeps it', async ({ baseURL }) => {
    const server = new ServerClient(baseURL!);
    const { id, lanes } = await server.create({ input: { kind: 'sample' } });
    expect(lanes.map((lane) => lane.decoder).sort()).toEqual(['capdec', 'clipcap', 'coca', 'decap', 'iterative']);
    for await (const { item } of server.events(id)) if (item.kind === 'ended') expect(item.status).toBe('finished');
    const view = await server.query<ComparisonView>('comparison.get', { id });
    expect(view.lanes.map((lane) => [lane.status, lane.error])).toEqual(lanes.map(() => ['finished', null]));
    for (const lane of view.lanes) expect(lane.result!.caption.split(' ').length).toBeGreaterThan(2);
  });

  test('takes many comparisons at once: some run, some wait, the rest hear busy, and none that was taken is lost', async ({
    baseURL,
  }) => {
    const server = new ServerClient(baseURL!);
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => server.create({ input: { kind: 'sample' }, lanes: [{ decoder: 'decap' }] })),
    );
    const taken = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []));
    for (const answer of answers)
      if (answer.status === 'rejected') expect(String(answer.reason)).toMatch(/busy.*Try again/);
    expect(taken.length).toBeGreaterThanOrEqual(18);
    await Promise.all(
      taken.map(async (id) => {
        let status = '';
        for await (const { item } of server.events(id)) if (item.kind === 'ended') status = item.status;
        expect(status).toBe('finished');
      }),
    );
  });

  test('sends the headers that isolate the page, and refuses what other sites send', async ({ request, baseURL }) => {
    const page = await request.get('/');
    expect(page.headers()).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
    });
    const policy = page.headers()['content-security-policy']!;
    expect(policy).toContain("default-src 'self'");
    expect(policy.split(';').find((part) => part.trim().startsWith('script-src'))).not.toMatch(
      /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')/,
    );
    const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
    expect(/'nonce-([^']+)'/.exec((await request.get('/')).headers()['content-security-policy']!)![1]).not.toBe(nonce);
    for (const [tag] of (await page.text()).matchAll(/<script\b[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`);
    const foreign = await request.post('/api/trpc/comparison.create', {
      headers: { origin: 'http://evil.example' },
      data: { json: { input: { kind: 'sample' } } },
    });
    expect(foreign.status()).toBe(403);
    expect(await foreign.json()).toMatchObject({ error: { code: 'forbidden' } });
    for (const path of [
      '/api/images',
      '/api/import',
      '/api/export',
      ...[
        'comparison.save',
        'comparison.cancel',
        'history.edit',
        'history.remove',
        'history.restore',
        'history.purge',
        'share.create',
        'share.revoke',
        'owner.key',
        'owner.restore',
        'replay.start',
      ].map((name) => `/api/trpc/${name}`),
    ])
      expect(
        (await request.post(path, { headers: { origin: 'http://evil.example' }, data: { json: {} } })).status(),
        path,
      ).toBe(403);
    for (const path of ['/', '/history', '/api/trpc/studio.info', '/api/export?id=x'])
      expect((await request.get(path, { headers: { host: 'evil.example' } })).status(), path).toBe(403);
    const long = await request.post('/api/trpc/comparison.cancel', { data: { json: { id: 'x'.repeat(300_000) } } });
    expect(long.status()).toBe(400);
    const { id } = await new ServerClient(baseURL!).create({
      input: { kind: 'sample' },
      lanes: [{ decoder: 'decap' }],
    });
    const { image } = await new ServerClient(baseURL!).query<ComparisonView>('comparison.get', { id });
    const picture = await request.get(image!.url);
    expect(picture.headers()).toMatchObject({
      'content-type': 'image/png',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    });
  });

  test('answers a bad upload with a code and words', async ({ request }) => {
    const text = await request.post('/api/images', {
      data: Buffer.from('This is a letter.'),
      headers: { 'content-type': 'image/jpeg' },
    });
    expect(text.status()).toBe(415);
    expect(await text.json()).toMatchObject({ error: { code: 'image-unreadable' } });
    const large = await request.post('/api/images', {
      data: Buffer.alloc(30 * 1024 ** 2),
      headers: { 'content-type': 'image/jpeg' },
    });
    expect(large.status()).toBe(413);
    expect(await large.json()).toMatchObject({ error: { code: 'image-too-large' } });
    expect((await request.get('/api/images/nosuch')).status()).toBe(404);
  });
});
