// Scrolling a long history as a person does with a wheel, for bench-page.mjs.
import { traceMainThread } from './main-thread.mjs';

/** Pixels of one turn of the wheel, and of one between the parts that are measured. */
const [turn, leap] = [900, 9_000];

/**
 * Opens the history and scrolls it from the first entry to the last; what the main thread does is traced at its
 * beginning, its middle and
 * its end (a trace of all of it would not fit). @throws Error where pages are not asked for by cursor, or the end is
 * not reached
 */
export async function scrollHistory(browser, page, base, comparisons) {
  const asked = [];
  page.on('request', (request) => request.url().includes('history.page') && asked.push(/cursor/.test(request.url())));
  await page.goto(`${base}/history`);
  await page.getByTestId('entry').first().waitFor();
  const span = Math.min(600, Math.floor(comparisons / 3));
  const parts = [];
  const traced = async (name, to) =>
    parts.push({ name, ...(await traceMainThread(browser, page, () => scrollTo(page, to))) });
  await traced(`first ${span}`, span);
  await scrollTo(page, Math.floor(comparisons / 2), leap);
  await traced(`${span} in the middle`, Math.floor(comparisons / 2) + span);
  await scrollTo(page, comparisons - span, leap);
  await traced(`last ${span}`, comparisons);
  if (asked.length < comparisons / 100 || asked.slice(1).some((byCursor) => !byCursor))
    throw new Error(`${asked.length} pages were asked for, and not all by cursor.`);
  return parts;
}

/** Turns the wheel until entry number `to` is drawn; waits where the next page is still on its way. */
async function scrollTo(page, to, pixels = turn) {
  await page.mouse.move(700, 500);
  for (let still = 0, last = 0; ;) {
    const at = await page.evaluate(() =>
      Math.max(
        0,
        ...[...document.querySelectorAll('[aria-posinset]')].map((row) => Number(row.getAttribute('aria-posinset'))),
      ),
    );
    if (at >= to) return;
    still = at === last ? still + 1 : 0;
    if (still > 2_000) throw new Error(`The history stops at entry ${at} of ${to}.`);
    last = at;
    await page.mouse.wheel(0, pixels);
    await page.waitForTimeout(16);
  }
}
