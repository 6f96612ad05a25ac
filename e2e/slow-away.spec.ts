import { connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from '@playwright/test';
import { finished } from './browser-pictures';
import { ports } from './ports';
import { type Running, startStudio, test } from './studio';

/** A way to the studio that can be cut and mended: while it is cut nobody answers. */
async function cuttableWay(to: number) {
  const sockets = new Set<Socket>();
  let server: Server;
  const listen = (port: number) =>
    new Promise<number>((resolve) => {
      server = createServer((socket) => {
        const other = connect(to, '127.0.0.1');
        for (const [one, another] of [
          [socket, other],
          [other, socket],
        ] as const) {
          sockets.add(one);
          one.pipe(another);
          one.on('error', () => another.destroy());
          one.on('close', () => (another.destroy(), sockets.delete(one)));
        }
      }).listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
  const port = await listen(0);
  return {
    address: `http://127.0.0.1:${port}/`,
    cut: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    mend: () => listen(port),
  };
}

let studio: Running;
test.beforeAll(async () => {
  // What nobody listens to is ended after a while: here the way is mended before.
  studio = await startStudio('away', ports.own, { STUDIO_SLOW_STEP_MS: '60', STUDIO_GRACE_MS: '60000' });
});
test.afterAll(() => studio.stop());

test('a studio that cannot be reached for a while: the page says so, shows nothing as failed, and goes on by itself', async ({
  page,
}) => {
  const way = await cuttableWay(ports.own);
  await page.goto(way.address);
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await expect(page.locator('[data-testid^=lane-][data-status=running]').first()).toBeVisible({ timeout: 60_000 });
  await way.cut();
  await expect(page.getByTestId('problem')).toContainText('The studio does not answer. It is asked again', {
    timeout: 60_000,
  });
  await expect(page.locator('[data-testid^=lane-][data-status=running]').first()).toBeVisible();
  await expect(page.locator('[data-testid^=lane-][data-status=failed]')).toHaveCount(0);
  await way.mend();
  await finished(page);
  await expect(page.getByTestId('problem')).toHaveCount(0);
  await way.cut();
});
