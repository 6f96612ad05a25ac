import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import { ServerClient } from './server-client';

test.skip(!existsSync('/proc/self/stat'), 'tells processes by /proc');

const running: number[] = [];
test.afterEach(() => {
  for (const pid of running.splice(0).filter(isAlive)) process.kill(pid, 'SIGKILL');
});

const stat = (pid: number) => {
  try {
    const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
};
/** A zombie has ended: whoever it was left to has not looked yet. */
const isAlive = (pid: number) => !['Z', undefined].includes(stat(pid)?.state);
function descendants(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const children = all.map(Number).filter((one) => stat(one)?.parent === pid);
  return [...children, ...children.flatMap(descendants)];
}
const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

/** `npm start`, as a person types it, in a group of its own: a terminal sends Ctrl-C to the whole group. */
async function npmStart(name: string): Promise<{ npm: ChildProcess; all: number[]; address: string }> {
  const port = await freePort();
  const npm = spawn('npm', ['start'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: `file:./.studio/e2e/ends-${name}-${process.pid}.db`,
      STUDIO_SLOW_STEP_MS: '60',
    },
  });
  running.push(npm.pid!);
  const address = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${address}/api/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(answers, { timeout: 120_000 }).toBe(true);
  const all = [npm.pid!, ...descendants(npm.pid!)];
  running.push(...all);
  // npm, its shell, start.mjs, the server
  expect(all.length).toBeGreaterThanOrEqual(4);
  return { npm, all, address };
}
const everythingEnded = (all: number[]) => expect.poll(() => all.filter(isAlive), { timeout: 30_000 }).toEqual([]);

test.describe('npm start', () => {
  test.setTimeout(300_000);

  test('told to end, ends with everything below it; so it does when it is killed', async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const { npm, all } = await npmStart(signal);
      npm.kill(signal);
      await everythingEnded(all);
    }
  });

  test('ends by Ctrl-C pressed twice, and what ran is kept as interrupted', async () => {
    const { npm, all, address } = await npmStart('twice');
    const { id } = await new ServerClient(address).create({ input: { kind: 'sample' } });
    for await (const { item } of new ServerClient(address).events(id))
      if (item.kind === 'event' && item.event.type === 'step') break;
    process.kill(-npm.pid!, 'SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (isAlive(npm.pid!)) process.kill(-npm.pid!, 'SIGINT');
    await everythingEnded(all);
    const again = await npmStart('twice');
    expect((await new ServerClient(again.address).query<{ status: string }>('comparison.get', { id })).status).toBe(
      'interrupted',
    );
    // The terminal is closed.
    process.kill(-again.npm.pid!, 'SIGHUP');
    await everythingEnded(again.all);
  });
});
