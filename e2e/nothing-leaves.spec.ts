import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { attempts, hasOwnNetwork, inOwnNetwork } from '../server/setup/own-network.mjs';
import { freePort } from '../server/setup/own-server.mjs';

const folder = mkdtempSync(join(tmpdir(), 'studio-leaves-'));
const at = (name: string) => join(folder, name);
let studio: ChildProcess | undefined;
/** The loopback of this machine, joined to the studio's own by a file. */
const door = createServer((outside) => {
  const inside = connect(at('door'));
  outside.pipe(inside).pipe(outside);
  for (const one of [inside, outside]) one.on('error', () => [inside, outside].forEach((each) => each.destroy()));
});
test.afterAll(() => {
  studio?.stdin?.end();
  door.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a visited server leaves no file outside the studio and reaches for nothing outside this machine', async ({
  page,
}) => {
  test.slow(); // a server starts and stops in it
  mkdirSync(at('home/tmp'), { recursive: true });
  await once(door.listen(0, '127.0.0.1'), 'listening');
  const { port } = door.address() as AddressInfo;
  const words = [
    fileURLToPath(new URL('through-socket.mjs', import.meta.url)),
    at('door'),
    String(hasOwnNetwork() ? port : await freePort()),
  ];
  // A person's environment: an empty home, and nothing that says it is a build server, which hides reports.
  const { PATH } = process.env;
  const env = { PATH, HOME: at('home'), TMPDIR: at('home/tmp'), DATABASE_URL: `file:${at('studio.db')}` };
  studio = spawn(...inOwnNetwork(at('counters'), process.execPath, words), {
    env: env as unknown as NodeJS.ProcessEnv,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(studio, 'close');
  const base = `http://127.0.0.1:${port}`;
  await expect(async () => expect((await fetch(`${base}/api/health`)).ok).toBe(true)).toPass({ timeout: 60_000 });

  const asked = new Set<string>();
  page.on('request', (request) => asked.add(new URL(request.url()).origin));
  await page.goto(base);
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await expect(page.locator('[data-testid^=lane-][data-status=done]')).toHaveCount(5, { timeout: 60_000 });
  // What reports does so some seconds later: onnxruntime-node looked for its collector 9 s after its first session.
  await sleep(12_000);
  studio.stdin!.end();
  expect((await ended)[0]).toBe(0);

  expect([...asked].filter((origin) => origin !== base && origin !== 'null')).toEqual([]);
  const left = readdirSync(at('home'), { recursive: true, withFileTypes: true }).filter((file) => !file.isDirectory());
  expect(left.map((file) => relative(folder, join(file.parentPath, file.name)))).toEqual([]);
  const watched = existsSync(at('counters'));
  test.skip(!watched && !hasOwnNetwork(), 'No network of its own on this system (unshare -n): sockets are unwatched.');
  expect(attempts(readFileSync(at('counters'), 'utf8'))).toEqual({ noWayOut: 0, datagrams: 0 });
});
