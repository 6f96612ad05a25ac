// `npm run bench:page [-- --json]`: how long the page's main thread is held while five lanes stream, in headless Chromium, on the server's
// device at full rate. The first run warms up.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { traceMainThread } from './main-thread.mjs';
import { freePort, startStudio } from './own-server.mjs';
import { prepare } from './prepare.mjs';
import { root } from './shell.mjs';

const flags = process.argv.slice(2);
const unknown = flags.find((flag) => flag !== '--json');
if (unknown) {
  console.error(`Unknown argument ${unknown}.\nUsage: npm run bench:page [-- --json]`);
  process.exit(1);
}
await prepare();
const { chromium } = await import('@playwright/test');
const port = await freePort();
const studio = await startStudio(port);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`http://127.0.0.1:${port}`);
  const run = async () => {
    const before = page.url();
    await page.getByRole('button', { name: 'Sample picture' }).click();
    await page.waitForURL((url) => url.href !== before, { timeout: 60_000 });
    await page.waitForFunction(() => document.querySelectorAll('article[data-status=done]').length === 5, undefined, { timeout: 120_000 });
  };
  await run();
  const runs = [];
  for (let n = 0; n < 3; n++) runs.push(await traceMainThread(browser, page, run));
  const worst = runs.reduce((a, b) => (b.maxThreadMs > a.maxThreadMs ? b : a));
  if (flags.includes('--json')) console.log(JSON.stringify({ runs, worst }));
  else {
    for (const [n, r] of runs.entries()) console.log(`run ${n + 1}: ${r.tasks} tasks, longest ${r.maxThreadMs.toFixed(1)} ms of the thread's own time (${r.maxWallMs.toFixed(1)} ms on the wall clock), ${r.overThread} over 50 ms (${r.overWall} on the wall), busy ${r.busyMs.toFixed(0)} ms`);
    console.log(`longest task while five lanes stream: ${worst.maxThreadMs.toFixed(1)} ms (wanted ≤ 50)${worst.threadTimes ? '' : '; this Chromium tells no thread time, so this is the wall clock'}`);
  }
} finally {
  await browser.close();
  studio.kill('SIGTERM');
  for (const ending of ['', '-wal', '-shm']) rmSync(join(root, `.studio/bench-${process.pid}.db${ending}`), { force: true });
}
