// `npm run bench:page [-- --json]`, in headless Chromium on the server's device at full rate: how long the page's main
// thread is held while eight lanes stream (the first run warms up) and while the 10,000 rows of a collection are
// scrolled, the tab's heap after 200 photos, and what the scripts of a first visit weigh.
// `npm run bench:page -- history [N] [--json]`: the same while a history of N comparisons (10,000) is scrolled from its
// first to its last.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { heapAfter } from './bench-heap.mjs';
import { scrollCollection, scrollHistory } from './bench-scroll.mjs';
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
/** Of the collection that is scrolled, and photos that one tab describes. */
const [rows, photos] = [10_000, 200];
/** One lane of each decoder, and three more by another search. */
const lanes = [
  ...['iterative', 'clipcap', 'capdec', 'decap', 'coca'].map((decoder) => ({ id: decoder, decoder, options: {} })),
  ...['clipcap', 'capdec', 'decap'].map((decoder) => ({
    id: `${decoder}-2`,
    decoder,
    options: { search: 'greedy' },
  })),
];

await prepare();
const database = join(root, `.studio/bench-${process.pid}.db`);
const seeding = history ? ['history-seed', database, String(comparisons)] : ['collection-seed', database, String(rows)];
const seeded = spawnSync(...node(join(root, 'server/setup/bench.mjs'), ...seeding), {
  stdio: ['ignore', 'pipe', 'ignore'],
  cwd: root,
  encoding: 'utf8',
});
if (seeded.status) throw new Error('The database of the bench could not be filled.');
const { chromium } = await import('@playwright/test');
const port = await freePort();
const studio = await startStudio(port);
const browser = await chromium.launch({
  executablePath: findWholeChromium(),
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const firstScriptKb = history ? undefined : await weighFirstVisit(page);
  const base = `http://127.0.0.1:${port}`;
  const parts = history ? await scrollHistory(browser, page, base, comparisons) : await streamLanes(page);
  const worst = longest(parts);
  const scrolled = history
    ? parts
    : await scrollCollection(browser, page, `${base}/collections/${seeded.stdout.trim()}`, rows);
  const heap = history ? undefined : await heapAfter(page, base, photos);
  if (json) {
    const figures = history
      ? { scrollLongestTaskMs: worst.maxThreadMs }
      : {
          longestTaskMs: worst.maxThreadMs,
          scrollLongestTaskMs: longest(scrolled).maxThreadMs,
          heapMb: heap.heapMb,
          firstScriptKb,
        };
    console.log(JSON.stringify({ ...figures, runs: parts, ...(history ? {} : { scrolled, ...heap }), worst }));
  } else {
    if (firstScriptKb !== undefined) console.log(`scripts of a first visit, as they are sent: ${firstScriptKb} KB`);
    for (const r of history ? parts : [...parts, ...scrolled])
      console.log(
        `${r.name}: ${r.tasks} tasks, longest ${r.maxThreadMs.toFixed(1)} ms of the thread's own time (${r.maxWallMs.toFixed(1)} ms on the wall clock), ${r.overThread} over 50 ms (${r.overWall} on the wall), busy ${r.busyMs.toFixed(0)} ms`,
      );
    console.log(
      `longest task while ${history ? `${comparisons} comparisons are scrolled` : 'eight lanes stream'}: ` +
        `${worst.maxThreadMs.toFixed(1)} ms (wanted ≤ 50)${worst.threadTimes ? '' : '; this Chromium tells no thread time, so this is the wall clock'}`,
    );
    if (heap)
      console.log(
        `longest task while ${rows} rows of a collection are scrolled: ${longest(scrolled).maxThreadMs.toFixed(1)} ms (wanted ≤ 50)\n` +
          `heap after ${photos} photos: ${heap.heapMb} MB (wanted < 60), before the first ${heap.beforeMb} MB`,
      );
  }
} finally {
  await browser.close();
  studio.kill('SIGTERM');
  for (const ending of ['', '-wal', '-shm']) rmSync(`${database}${ending}`, { force: true });
  rmSync(database.replace(/\.db$/, '.collections'), { recursive: true, force: true });
}

/** The part whose longest task is the longest. */
function longest(parts) {
  return parts.reduce((a, b) => (b.maxThreadMs > a.maxThreadMs ? b : a));
}

/** Kilobytes of scripts that the page fetches before anything is done on it, compressed as the server sends them. */
async function weighFirstVisit(page) {
  await page.goto(`http://127.0.0.1:${port}`, { waitUntil: 'networkidle' });
  const bytes = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter(({ name }) => new URL(name).pathname.endsWith('.js'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  );
  return Math.round(bytes / 1000);
}

async function streamLanes(page) {
  await page.evaluate((kept) => localStorage.setItem('caption-studio.lanes', kept), JSON.stringify(lanes));
  await page.goto(`http://127.0.0.1:${port}`);
  const run = async () => {
    const before = page.url();
    await page.getByRole('button', { name: 'Sample picture' }).click();
    await page.waitForURL((url) => url.href !== before, { timeout: 60_000 });
    await page.waitForFunction(
      (count) => document.querySelectorAll('[data-testid^=lane-][data-status=done]').length === count,
      lanes.length,
      { timeout: 120_000 },
    );
  };
  await run();
  const runs = [];
  for (let n = 0; n < 3; n++) runs.push({ name: `run ${n + 1}`, ...(await traceMainThread(browser, page, run)) });
  return runs;
}
