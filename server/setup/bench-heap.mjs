// What a tab holds after many photos, for bench-page.mjs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

/**
 * Gives the page `photos` photos, one lane of each decoder, waits until all are described, and collects the garbage.
 * @returns megabytes of the tab's JavaScript heap before the first and after the last
 */
export async function heapAfter(page, base, photos) {
  const folder = mkdtempSync(join(tmpdir(), 'studio-heap-'));
  try {
    await page.goto(base);
    await page.evaluate(() => localStorage.removeItem('caption-studio.lanes'));
    await page.reload();
    await page.getByTestId('lanes').waitFor();
    const before = await heap(page);
    // One by one: several that are given at once are a collection, and another page.
    for (let n = 0; n < photos; n++) {
      const file = join(folder, `${n}.jpg`);
      writeFileSync(file, await drawn(n));
      await page.getByLabel('Photo file').setInputFiles(file);
      await page.waitForFunction(
        ([name, first]) => {
          const ended = (each) => /^(done|failed|unfit)$/.test(each.dataset.status);
          const lanes = [...document.querySelectorAll('[data-testid^="lane-"][data-status]')];
          // The strip is there from the second photo on, and says which one is shown.
          const shown = document.querySelector('[data-testid=strip] [aria-current=true]')?.getAttribute('aria-label');
          return (first || shown?.startsWith(`${name},`)) && lanes.length > 0 && lanes.every(ended);
        },
        [`${n}.jpg`, n === 0],
        { timeout: 300_000, polling: 250 },
      );
    }
    return { beforeMb: before, heapMb: await heap(page) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function heap(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  for (let n = 0; n < 3; n++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return Number((usedSize / 1e6).toFixed(1));
}

/** A photo of its own: a coloured disc on another colour. */
function drawn(n) {
  const disc = `<circle cx="${100 + ((n * 71) % 440)}" cy="${100 + ((n * 31) % 280)}" r="${40 + (n % 60)}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480">
    <rect width="640" height="480" fill="hsl(${(n * 47) % 360} 60% 60%)"/>
    ${disc} fill="hsl(${(n * 83) % 360} 70% 40%)"/>
  </svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 85 }).toBuffer();
}
