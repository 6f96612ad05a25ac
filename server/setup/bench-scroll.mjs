// Scrolling a long history, or the table of a large collection, as a person does with a wheel, for bench-page.mjs.
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
  const parts = await scrollThrough(browser, page, comparisons, 'aria-posinset');
  if (asked.length < comparisons / 100 || asked.slice(1).some((byCursor) => !byCursor))
    throw new Error(`${asked.length} pages were asked for, and not all by cursor.`);
  return parts;
}

/**
 * Opens the table of a collection and scrolls its rows from the first to the last, traced in the same three parts.
 * @throws Error where the end is not reached
 */
export async function scrollCollection(browser, page, address, rows) {
  await page.goto(address);
  await page.getByRole('row').nth(5).waitFor();
  return scrollThrough(browser, page, rows, 'aria-rowindex');
}

/** @param place the attribute that numbers what is scrolled */
async function scrollThrough(browser, page, count, place) {
  const span = Math.min(600, Math.floor(count / 3));
  const parts = [];
  const traced = async (name, to) =>
    parts.push({ name, ...(await traceMainThread(browser, page, () => scrollTo(page, to, turn, place))) });
  await traced(`first ${span}`, span);
  await scrollTo(page, Math.floor(count / 2), leap, place);
  await traced(`${span} in the middle`, Math.floor(count / 2) + span);
  await scrollTo(page, count - span, leap, place);
  await traced(`last ${span}`, count);
  return parts;
}

/** Turns the wheel until number `to` is drawn; waits where it is still on its way. */
async function scrollTo(page, to, pixels, place) {
  await page.mouse.move(700, 500);
  for (let still = 0, last = 0; ;) {
    const at = await page.evaluate(
      (name) =>
        Math.max(0, ...[...document.querySelectorAll(`[${name}]`)].map((row) => Number(row.getAttribute(name)))),
      place,
    );
    if (at >= to) return;
    still = at === last ? still + 1 : 0;
    if (still > 2_000) throw new Error(`It stops at number ${at} of ${to}.`);
    last = at;
    await page.mouse.wheel(0, pixels);
    await page.waitForTimeout(16);
  }
}
