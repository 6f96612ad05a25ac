import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, test } from '@playwright/test';
import { largeExport } from '../server/bench/import-load/large-export';
import { ports } from './ports';
import { type Running, startStudio } from './studio';

const address = `http://127.0.0.1:${ports.own}`;
let studio: Running;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  studio = await startStudio('abuse', ports.own, { STUDIO_OWNERS: 'browser' });
});
test.afterAll(() => studio.stop());

/** A request as bytes on the wire; clients of HTTP mend or refuse odd ones themselves. */
function send(method: string, target: string, headers: Record<string, string> = {}): Socket {
  const socket = connect(ports.own, '127.0.0.1');
  socket.on('error', () => {});
  const fields = Object.entries({ host: `127.0.0.1:${ports.own}`, ...headers }).map(
    ([n, value]) => `${n}: ${value}\r\n`,
  );
  socket.write(`${method} ${target} HTTP/1.1\r\n${fields.join('')}\r\n`);
  return socket;
}
const ask = (method: string, target: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; answer: string }>((resolve) => {
    let answer = '';
    send(method, target, { 'content-length': '0', connection: 'close', ...headers })
      .on('data', (data) => (answer += data.toString()))
      .on('close', () => resolve({ status: Number(answer.split(' ')[1]), answer }));
  });
const health = async () => (await ask('GET', '/api/health')).status;

test('malformed addresses, methods that nothing has, and other names in Host are refused in words on every route', async () => {
  test.setTimeout(180_000);
  const before = studio.said().length;
  const odd = ['%', '%ff', '%00', '%2e%2e', '__proto__', 'constructor'];
  const where = [
    '/c',
    '/s',
    '/api/images',
    '/api/weights',
    '/api/families',
    '/api/trpc',
    '/engine',
    '/_next/static',
    '',
  ];
  const paths = where.flatMap((folder) => odd.map((name) => `${folder}/${name}`));
  const answers = await Promise.all(paths.map(async (path) => ({ path, ...(await ask('GET', path)) })));
  for (const { path, status, answer } of answers) {
    // A link's page is the same whatever its token is: what it shows is asked for by the page.
    const fine = /^\/s\/\w+$/.test(path) ? [200] : [400, 404];
    expect(fine, `${path}: ${answer.slice(0, 200)}`).toContain(status);
  }
  for (const path of ['/', '/api/health', '/api/images/x', '/icon.svg', '/engine/worker.js', '/_next/static/x.js'])
    for (const method of ['TRACE', 'PUT', 'DELETE', 'PROPFIND', ...(path === '/api/images/x' ? ['POST'] : [])])
      expect((await ask(method, path)).status, `${method} ${path}`).toBe(405);
  const page = await (await fetch(address)).text();
  const script = /\/_next\/static\/[^"]+\.js/.exec(page)![0];
  expect((await ask('GET', script)).status).toBe(200);
  for (const path of ['/', script, '/icon.svg', '/engine/worker.js', '/api/health', '/api/nosuch', '/nosuch'])
    expect((await ask('GET', path, { host: 'evil.example' })).status, path).toBe(403);
  // Upgrades come through the same door.
  for (const host of ['evil.example', `127.0.0.1:${ports.own}`])
    expect((await ask('GET', '/nosuch', { host, connection: 'close, Upgrade', upgrade: 'websocket' })).status).toBe(
      host === 'evil.example' ? 403 : 404,
    );
  expect(await health()).toBe(200);
  expect(studio.said().slice(before)).not.toMatch(/Error|^\s+at /m);
});

test('links are not guessed without end: neither their pictures nor their files', async () => {
  for (const path of ['/api/images/x?share=', '/api/export?format=html&share=']) {
    // At once, as one more may be tried every three seconds.
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask('GET', path + 'x'.repeat(43))));
    const statuses = answers.map(({ status }) => status);
    expect(statuses, path).toContain(503);
    expect([404, 503], path).toEqual(expect.arrayContaining([...new Set(statuses)]));
  }
});

test('150 clients that never read take neither the memory nor the health of the server', async () => {
  test.skip(!existsSync('/proc/self/status'), 'memory and connections are told by /proc');
  test.setTimeout(240_000);
  const server = Number(
    /^\d+/.exec(readFileSync(`/proc/${studio.process.pid}/task/${studio.process.pid}/children`, 'utf8'))![0],
  );
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server}/status`, 'utf8'))![1]) / 1024;
  const manifest = (await (await fetch(`${address}/api/families/pocket`)).json()) as {
    files: Record<string, { sha256: string; bytes: number }>;
  };
  const largest = Object.values(manifest.files).sort((a, b) => b.bytes - a.bytes)[0]!;
  const asked = [`/api/weights/${largest.sha256}`, '/api/trpc/models.events'];
  // The engine has warmed up when nothing is added any more.
  let before = 0;
  while (Math.abs(memory() - before) > 10) {
    before = memory();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
  const sockets = Array.from({ length: 150 }, (_, n) => send('GET', asked[n % 2]!).pause());
  const open = () => established(ports.own, new Set(sockets.map((socket) => socket.localPort)));
  await expect.poll(open, { timeout: 30_000 }).toBe(150);
  let peak = 0;
  // Whoever takes nothing of a large answer is dropped; a stream that says little may stay.
  await expect
    .poll(
      async () => {
        expect(await health()).toBe(200);
        peak = Math.max(peak, memory());
        return open();
      },
      { timeout: 180_000 },
    )
    .toBe(75);
  expect(peak - before).toBeLessThan(200);
  for (const socket of sockets) socket.destroy();
  expect(await health()).toBe(200);
});

/** How many connections to a port from these others the system still has. */
function established(to: number, from: ReadonlySet<number | undefined>): number {
  const port = (end: string) => parseInt(end.split(':')[1]!, 16);
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, ours, theirs, state]) => state === '01' && port(ours!) === to && from.has(port(theirs!))).length;
}

test('health is told and pages are shown while a large import is read', async () => {
  test.setTimeout(180_000);
  let done = false;
  const answer = fetch(`${address}/api/import`, { method: 'POST', body: largeExport(24) }).finally(() => (done = true));
  let meanwhile = 0;
  while (!done) {
    expect(await health()).toBe(200);
    expect((await ask('GET', '/history')).status).toBe(200);
    if (!done) meanwhile++;
  }
  expect(meanwhile).toBeGreaterThan(2);
  // Its last comparison's hash is wrong, so that all of it is read and nothing is kept.
  expect((await answer).status).toBe(400);
  expect(await (await answer).json()).toMatchObject({ error: { code: 'import-invalid' } });
});
