// `npm run bench:page [-- --json]`: how long the page's main thread is held while five lanes stream, in headless
// Chromium, on the server's
// device at full rate. The first run warms up.
// `npm run bench:page -- history [N] [--json]`: the same while a history of N comparisons (10,000) is scrolled from its
// first to its last.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { scrollHistory } from './bench-scroll.mjs';
import { findWholeChromium } from './chromium.mjs';
import { traceMainThread } from './main-thread.mjs';
import { freePort, startStudio } from './own-server.mjs';
import { prepare } from './prepare.mjs';
import { node, root } from './shell.mjs';

const json = process.argv.includes('--json');
const words = process.argv.slice(2).filter((word) => word !== '--json');
const history = words[0] === 'history';
const comparisons = history ? Number(words[1] ?? 10_000) : 0;
if (words.length > (history ? 2 : 0) || !Number.isInteger(comparisons)) {
  console.error('Usage: npm run bench:page [-- --json]\n       npm run bench:page -- history [N] [--json]');
  process.exit(1);
}
await prepare();
const database = join(root, `.studio/bench-${process.pid}.db`);
if (history) {
  const { status } = spawnSync(
    ...node(join(root, 'server/setup/bench.mjs'), 'history-seed', database, String(comparisons)),
    { stdio: ['ignore', 'ignore', 'ignore'], cwd: root },
  );
  if (status) throw new Error('The database of the bench could not be filled.');
}
const { chromium } = await import('@playwright/test');
const port = await freePort();
const studio = await startStudio(port);
const browser = await chromium.launch({
  executablePath: findWholeChromium(),
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const parts = history
    ? await scrollHistory(browser, page, `http://127.0.0.1:${port}`, comparisons)
    : await streamLanes(page);
  const worst = parts.reduce((a, b) => (b.maxThreadMs > a.maxThreadMs ? b : a));
  if (json) console.log(JSON.stringify({ runs: parts, worst }));
  else {
    for (const r of parts)
      console.log(
        `${r.name}: ${r.tasks} tasks, longest ${r.maxThreadMs.toFixed(1)} ms of the thread's own time (${r.maxWallMs.toFixed(1)} ms on the wall clock), ${r.overThread} over 50 ms (${r.overWall} on the wall), busy ${r.busyMs.toFixed(0)} ms`,
      );
    console.log(
      `longest task while ${history ? `${comparisons} comparisons are scrolled` : 'five lanes stream'}: ` +
        `${worst.maxThreadMs.toFixed(1)} ms (wanted ≤ 50)${worst.threadTimes ? '' : '; this Chromium tells no thread time, so this is the wall clock'}`,
    );
  }
} finally {
  await browser.close();
  studio.kill('SIGTERM');
  for (const ending of ['', '-wal', '-shm']) rmSync(`${database}${ending}`, { force: true });
}

async function streamLanes(page) {
  await page.goto(`http://127.0.0.1:${port}`);
  const run = async () => {
    const before = page.url();
    await page.getByRole('button', { name: 'Sample picture' }).click();
    await page.waitForURL((url) => url.href !== before, { timeout: 60_000 });
    await page.waitForFunction(() => document.querySelectorAll('article[data-status=done]').length === 5, undefined, {
      timeout: 120_000,
    });
  };
  await run();
  const runs = [];
  for (let n = 0; n < 3; n++) runs.push({ name: `run ${n + 1}`, ...(await traceMainThread(browser, page, run)) });
  return runs;
}
