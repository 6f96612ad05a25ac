import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as ask } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, expect, test } from '@playwright/test';
import { findChromium } from '../server/setup/chromium.mjs';
import { ports } from './ports';
import { type Running, startStudio } from './studio';

const [nginx, openssl] = ['/usr/sbin/nginx', '/usr/bin/openssl'];
const origin = 'https://captions.example';

/** The example of docs/safety.md, with ports and files of the test in place of its own. */
function exampleOfDocs(folder: string): string {
  let example = /```nginx\n([^`]*)```/.exec(readFileSync('docs/safety.md', 'utf8'))![1]!;
  for (const [theirs, ours] of [
    ['listen 443 ssl;', `listen 127.0.0.1:${ports.proxy} ssl;`],
    ['/etc/ssl/captions.pem', join(folder, 'captions.pem')],
    ['/etc/ssl/captions.key', join(folder, 'captions.key')],
    ['http://127.0.0.1:3000;', `http://127.0.0.1:${ports.own};`],
  ] as const) {
    expect(example).toContain(theirs);
    example = example.replace(theirs, ours);
  }
  return example;
}

test.describe('behind nginx, set up as docs/safety.md says', () => {
  test.skip(!existsSync(nginx), 'needs nginx');
  test.skip(!existsSync(openssl), 'needs openssl, for a certificate');

  let folder: string, proxy: ChildProcess, studio: Running, browser: Browser;
  test.beforeAll(async () => {
    test.setTimeout(180_000);
    folder = mkdtempSync(join(tmpdir(), 'behind-nginx-'));
    const files = ['-keyout', join(folder, 'captions.key'), '-out', join(folder, 'captions.pem')];
    const names = ['-subj', '/CN=captions.example', '-addext', 'subjectAltName=DNS:captions.example'];
    execFileSync(openssl, ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names], {
      stdio: 'ignore',
    });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${join(folder, kind)};`,
    );
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log stderr; events {}
http { access_log off; ${temporary.join(' ')}
${exampleOfDocs(folder)}}`,
    );
    studio = await startStudio('behind-nginx', ports.own, {
      STUDIO_ORIGIN: origin,
      STUDIO_TRUST_PROXY: '1',
      STUDIO_CLIENT_UPLOADS_PER_MINUTE: '2',
      // A busy machine's browser may be late to listen.
      STUDIO_FIRST_LISTENER_MS: '120000',
      STUDIO_GRACE_MS: '60000',
    });
    proxy = spawn(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'inherit'] });
    await expect.poll(() => send('GET', '/api/health').catch(() => undefined), { timeout: 20_000 }).toBe(200);
    browser = await chromium.launch({
      executablePath: findChromium(),
      args: ['--no-sandbox', `--host-resolver-rules=MAP captions.example:443 127.0.0.1:${ports.proxy}`],
    });
  });
  test.afterAll(async () => {
    await browser?.close();
    if (proxy?.exitCode === null && proxy.kill()) await once(proxy, 'exit');
    await studio?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** A request from an address of this machine. @returns its status */
  const send = (method: string, path: string, headers: Record<string, string> = {}, from = '127.0.0.1') =>
    new Promise<number>((resolve, reject) => {
      const where = { host: '127.0.0.1', port: ports.proxy, localAddress: from, servername: 'captions.example' };
      const ca = readFileSync(join(folder, 'captions.pem'));
      ask({ ...where, ca, path, method, headers: { host: 'captions.example', ...headers }, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode!);
      })
        .on('error', reject)
        .end(method === 'POST' ? 'x' : undefined);
    });

  test('the page loads, a change is taken, the cookie is Secure, and https is asked for from then on', async () => {
    test.setTimeout(120_000);
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const answer = (await page.goto(origin))!;
    expect(answer.status()).toBe(200);
    expect(answer.headers()['strict-transport-security']).toMatch(/^max-age=\d{7,}$/);
    const cookie = (await context.cookies()).find(({ name }) => name === 'caption-studio-owner')!;
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', domain: 'captions.example' });
    await page.getByRole('button', { name: 'Sample picture' }).click();
    await page.waitForURL(/\/c\/[\w-]{22}$/, { timeout: 60_000 });
    // It was made by a POST; the stream of its events comes through to its end.
    const input = encodeURIComponent(JSON.stringify({ json: { id: page.url().split('/').at(-1) } }));
    const events = await page.evaluate(
      async (address) => (await fetch(address)).text(),
      `/api/trpc/comparison.events?input=${input}`,
    );
    expect(events).toContain('"kind":"ended"');
    await context.close();
  });

  test('nothing is taken from other origins, and limits count the address that nginx saw', async () => {
    expect(await send('POST', '/api/images', { origin: 'https://evil.example' })).toBe(403);
    expect(await send('GET', '/icon.svg', { host: 'evil.example' })).toBe(200); // nginx's name for it is the loopback's
    const upload = (claim: string, from?: string) =>
      send('POST', '/api/images', { origin, 'x-forwarded-for': claim }, from);
    // No picture, but a client that may send one.
    expect([await upload('203.0.113.1'), await upload('203.0.113.2')]).toEqual([415, 415]);
    expect(await upload('203.0.113.3')).toBe(503);
    expect(await upload('203.0.113.3', '127.0.0.2')).toBe(415);
  });
});
