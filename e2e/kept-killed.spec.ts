import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import { captions, decoders } from './browser-pictures';

const running: ChildProcess[] = [];
test.afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** A production server of the test's own, on a device that takes its time, which may be killed. */
async function serve(port: number): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', String(port)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        NEXT_MANUAL_SIG_HANDLE: 'true',
        HOST: '127.0.0.1',
        DATABASE_URL: `file:./.studio/e2e/killed-${process.pid}.db`,
        STUDIO_SLOW_STEP_MS: '80',
        STUDIO_HEARTBEAT_MS: '300',
        STUDIO_STALE_MS: '1500',
      },
    },
  );
  running.push(child);
  await expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${port}/api/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      { timeout: 60_000 },
    )
    .toBe(true);
  return child;
}
const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

test('a server that is killed during a run has kept what was said by then', async ({ page }) => {
  test.setTimeout(180_000);
  const port = await freePort();
  const server = await serve(port);
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await expect(page.locator('[data-testid^=lane-][data-status=done]').first()).toBeVisible({ timeout: 90_000 });
  await expect(page.locator('[data-testid^=lane-][data-status=running]').first()).toBeVisible();
  const said = (
    await page.locator('[data-testid^=lane-][data-status=done]').first().getByTestId('caption').innerText()
  ).trim();
  const address = new URL(page.url()).pathname;
  server.kill('SIGKILL');
  await once(server, 'exit');

  await serve(port);
  await page.goto(`http://127.0.0.1:${port}/history`);
  const entry = page.getByTestId('entry');
  // Told once the dead server's silence has lasted long enough.
  await expect(async () => {
    await page.reload();
    await expect(entry).toContainText('interrupted', { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await expect(entry).toContainText(said);
  await page.goto(`http://127.0.0.1:${port}${address}`);
  await expect(page.locator('[data-testid^=lane-][data-status=interrupted]').first()).toBeVisible();
  const states = await Promise.all(
    decoders.map((name) => page.getByTestId(`lane-${name}`).getAttribute('data-status')),
  );
  expect(states.every((state) => state === 'done' || state === 'interrupted')).toBe(true);
  expect((await captions(page)).map((caption) => caption.trim())).toContain(said);
});
