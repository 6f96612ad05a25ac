import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, type Page } from '@playwright/test';
import { expectAccessible, expectFits } from './accessible';
import { test } from './studio';

const lane = (page: Page, id: string) => page.getByTestId(`lane-${id}`);

// What everybody reaches, whatever they look and press with: at 200 % zoom, on a phone by keys, by keys alone, without
// motion.

/** What is in focus: its name, where it begins on the page, and whether it is seen where it stands. */
type Focus = { name: string; top: number; seen: boolean } | undefined;
const focus = (page: Page): Promise<Focus> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return undefined;
    const label = element.closest('label') ?? element;
    const { left, top, width, height } = (element.offsetWidth > 2 ? element : label).getBoundingClientRect();
    const [x, y] = [left + Math.min(width, innerWidth) / 2, top + Math.min(height, innerHeight) / 2];
    const at = document.elementFromPoint(x, y);
    return {
      name: (element.getAttribute('aria-label') ?? label.textContent ?? '').trim().replace(/\s+/g, ' '),
      top: top + scrollY,
      seen: at !== null && (element.contains(at) || label.contains(at) || at.contains(element)),
    };
  });

/** All that Tab comes to from the beginning of the page, in its order. */
async function walk(page: Page): Promise<NonNullable<Focus>[]> {
  const all: NonNullable<Focus>[] = [];
  await page.evaluate(() => {
    scrollTo(0, 0);
    (document.activeElement as HTMLElement | null)?.blur();
  });
  for (let n = 0; n < 150; n++) {
    await page.keyboard.press('Tab');
    const now = await focus(page);
    if (!now) break;
    all.push(now);
  }
  return all;
}

/** Presses Tab until `name` is in focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let n = 0; n < 150; n++) {
    await page.keyboard.press('Tab');
    if (name.test((await focus(page))?.name ?? '')) return;
  }
  throw new Error(`Tab does not come to ${name}.`);
}

const tools = ['Choose photos', 'Sample picture', 'Run again', 'Columns', 'Copy all', 'Your caption', 'Lane'];

test('at 200 % zoom nothing sticks out, and all is reached by keys and seen where it is reached', async ({
  page,
  openSample,
}) => {
  // A window of 1440 × 900, each of whose pixels is four.
  await page.setViewportSize({ width: 720, height: 450 });
  await openSample(page);
  await expectFits(page);
  await expectAccessible(page, '200 %');
  const all = await walk(page);
  expect(all.filter(({ seen }) => !seen).map(({ name }) => name)).toEqual([]);
  for (const name of tools) expect(all.map((each) => each.name)).toContain(name);
  await expectFits(page);
  // What is opened fits too.
  await page.getByRole('button', { name: 'Copy all' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Markdown table' })).toBeVisible();
  await page.getByRole('button', { name: 'Your caption' }).press('Enter');
  await expect(page.getByRole('textbox', { name: 'Your caption' })).toBeFocused();
  await expectFits(page);
});

test('on a phone keys go through the page as it is seen: the photo’s tools, which stand below the captions, after them', async ({
  page,
  openSample,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openSample(page);
  const all = await walk(page);
  const at = (name: string) => {
    const found = all.findIndex((each) => each.name === name);
    expect(found, name).toBeGreaterThanOrEqual(0);
    return found;
  };
  expect(all[at('Choose photos')]!.top).toBeGreaterThan(all[at('Copy all')]!.top);
  expect(at('Choose photos')).toBeGreaterThan(at('Copy all'));
  expect(at('Copy all')).toBeGreaterThan(at('Copy what ClipCap says'));
  // Neither the photo, which stays in view, nor the inspector's button hides what is in focus.
  expect(all.filter(({ seen }) => !seen).map(({ name }) => name)).toEqual([]);
});

test('who wants no motion sees none, also while lanes are at work', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/');
  await page.getByRole('button', { name: 'A dog after a ball' }).click();
  const moving = () =>
    page.evaluate(() =>
      document
        .getAnimations()
        .filter(({ playState, effect }) => playState === 'running' && Number(effect?.getComputedTiming().duration) > 1)
        .map(({ effect }) => (effect as KeyframeEffect).target?.outerHTML.slice(0, 200)),
    );
  await expect(page.locator('[data-status=running], [data-status=done]').first()).toBeVisible();
  expect(await moving()).toEqual([]);
  await expect(page.locator('[data-testid^=lane-][data-status=done]')).toHaveCount(5, { timeout: 60_000 });
  expect(await moving()).toEqual([]);
});

test('keys alone go from a line to its words, through the inspector to an option, and run the lane with it', async ({
  page,
  openSample,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await openSample(page);
  const inspector = page.getByTestId('inspector');
  await page.keyboard.press('4');
  await page.keyboard.press('ArrowRight');
  await expect(inspector).toContainText('DeCap');
  await tabTo(page, /^Words$/);
  // The tabs are one stop; arrows go through them.
  await page.keyboard.press('End');
  await expect(inspector.getByRole('tab', { name: 'Options' })).toHaveAttribute('aria-selected', 'true');
  await tabTo(page, /beams?/i);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('1');
  await tabTo(page, /^Run/);
  await page.keyboard.press('Enter');
  await expect(lane(page, 'decap')).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await expect(inspector).toContainText('DeCap');
  expect(await focus(page)).toBeDefined();
});

test('who leaps through 10,000 rows of a collection comes to the last, and to no fault on the way', async ({
  page,
  studio: _,
}) => {
  const rows = 10_000;
  const file = `.studio/e2e/studio-${process.pid}.db`;
  await promisify(execFile)(process.execPath, ['server/setup/bench.mjs', 'collection-seed', file, String(rows)]);
  const faults: Error[] = [];
  page.on('pageerror', (error) => faults.push(error));
  await page.goto('/collections/bench-collection');
  await expect(page.getByRole('row').nth(5)).toBeVisible();
  await page.mouse.move(700, 500);
  const table = page.getByTestId('table');
  const left = () => table.evaluate((each) => each.scrollHeight - each.clientHeight - each.scrollTop);
  // Faster than rows come.
  for (let n = 0; n < 200 && (await left()) > 1; n++) await page.mouse.wheel(0, 9_000);
  expect(faults).toEqual([]);
  await expect(page.locator(`[aria-rowindex="${rows + 1}"]`)).toBeVisible();
});
