import { expect, type Locator, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import superjson from 'superjson';
import { expectClean } from './accessible';
import {
  captions,
  chooseDevice,
  choosePicture,
  decoders,
  finished,
  openInBrowser,
  openStudio,
} from './browser-pictures';
import { test } from './studio';

// On a server where each browser is an owner of its own, so every test begins with an empty history.

const names = /iterative|clipcap|capdec|decap|coca|was [A-E]/i;
const letters = ['A', 'B', 'C', 'D', 'E'];
const entries = (page: Page) => page.getByTestId('entry');
const stars = (page: Page | Locator, of: string | RegExp) => page.getByRole('radiogroup', { name: of });
const star = (page: Page | Locator, of: string | RegExp, n: number) =>
  stars(page, of).getByRole('radio', { name: new RegExp(`^${n} of 5`) });
/** As a person does: on the star itself, which lies over the radio button. */
const give = (page: Page, of: string | RegExp, n: number) =>
  stars(page, of)
    .locator('label')
    .nth(n - 1)
    .click();
const said = (page: Page, lane: string) => page.getByTestId(`lane-${lane}`).getByTestId('rating');

async function runSample(page: Page) {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page);
}
const allDone = async (page: Page, of: readonly string[] = letters) => {
  for (const letter of of)
    await expect(page.getByTestId(`lane-${letter}`)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
};
const kept = (page: Page) =>
  page.waitForResponse((response) => response.url().includes('history.rate') && response.ok());
async function exportAs(page: Page, item: string) {
  await entries(page).first().getByRole('button', { name: 'Export' }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()]);
  const path = test.info().outputPath(file.suggestedFilename());
  await file.saveAs(path);
  return path;
}

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('a caption is rated by hand or by keys; the rating lasts, is exported, imported elsewhere, and shown to who has a link and cannot rate', async ({
  page,
  browser,
  baseURL,
}) => {
  test.slow();
  await runSample(page);
  await Promise.all([kept(page), give(page, 'Rating of CoCa', 4)]);
  await expect(star(page, 'Rating of CoCa', 4)).toBeChecked();
  await expect(said(page, 'coca')).toHaveText('4 of 5, small flaw');
  // By keys alone: to a lane, to its stars, a number; and again to take it away.
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('2');
  await page.keyboard.press('v');
  await expect(stars(page, 'Rating of ClipCap').locator(':focus')).toHaveCount(1);
  await Promise.all([kept(page), page.keyboard.press('5')]);
  await expect(said(page, 'clipcap')).toHaveText('5 of 5, right, best');
  await Promise.all([kept(page), page.keyboard.press('ArrowLeft')]);
  await expect(said(page, 'clipcap')).toHaveText('4 of 5, small flaw');
  await Promise.all([kept(page), page.keyboard.press('4')]);
  await expect(said(page, 'clipcap')).toHaveText('not rated');
  await Promise.all([kept(page), give(page, 'Rating of DeCap', 2)]);
  await Promise.all([kept(page), give(page, 'Rating of ClipCap', 1)]);
  // The one that is chosen, chosen again.
  await Promise.all([kept(page), give(page, 'Rating of ClipCap', 1)]);
  await expect(stars(page, 'Rating of ClipCap').getByRole('radio', { checked: true })).toHaveCount(0);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'stars' }).check();
  await expect(page.getByRole('columnheader', { name: 'stars' })).toBeVisible();

  await page.reload();
  await finished(page);
  await expect(said(page, 'coca')).toHaveText('4 of 5, small flaw, best');
  await expect(said(page, 'decap')).toHaveText('2 of 5, mostly wrong');
  await expect(said(page, 'clipcap')).toHaveText('not rated');
  const address = page.url();

  await page.goto('/history');
  await expect(entries(page).getByText('rated 4 of 5, small flaw')).toBeAttached();
  await page.getByLabel('Which comparisons').selectOption('No caption rated');
  await expect(page.getByText('No comparison is without a rated caption.')).toBeVisible();
  await page.getByLabel('Which comparisons').selectOption('Some caption rated');
  await expect(entries(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'Ratings' }).click();
  await expect(page.getByTestId('rating-means').getByRole('row').nth(1)).toHaveText(/CoCa.*4\.00–10$/);
  await expect(page.getByTestId('rating-pairs').getByRole('row').nth(1)).toHaveText(/CoCa over.*DeCap100 %1100$/);
  await page.getByLabel('Only what was rated blind').check();
  await expect(page.getByTestId('no-ratings')).toContainText('Nothing is rated blind yet');
  await page.getByRole('button', { name: 'Close' }).click();
  const json = await exportAs(page, 'JSON');
  expect(readFileSync(await exportAs(page, 'CSV'), 'utf8').split('\r\n')[0]).toMatch(
    /,stars,rated_blind,said_by,said_at$/,
  );

  const alone = await (await browser.newContext({ offline: true })).newPage();
  await alone.goto(`file://${await exportAs(page, 'One HTML file')}`);
  await expect(alone.getByRole('img', { name: 'Rated 4 of 5, small flaw' })).toBeVisible();
  await expect(alone.getByRole('radio')).toHaveCount(0);
  // Wound back, a caption keeps what it was given in the end.
  await alone.getByRole('slider', { name: 'Step of the decode' }).fill('1');
  await expect(alone.getByTestId('lane-coca')).toContainText('replay, step 1 of');
  await expect(alone.getByRole('img', { name: /^rated/i })).not.toHaveCount(0);
  await alone.context().close();

  const other = await (await browser.newContext({ baseURL })).newPage();
  await other.goto('/history');
  await other.getByLabel('File to import').setInputFiles(json);
  await expect(other.getByTestId('said')).toHaveText('1 imported.');
  expect(readFileSync(await exportAs(other, 'JSON'))).toEqual(readFileSync(json));
  await entries(other).getByRole('heading').getByRole('link').click();
  await finished(other);
  await expect(said(other, 'coca')).toHaveText('4 of 5, small flaw, best');

  // A link shows the stars and gives none; nor does another browser by the comparison's own id.
  await entries(page)
    .getByRole('button', { name: /^Share/ })
    .click();
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByTestId('share-link').inputValue();
  await other.goto(link);
  await expect(other.getByRole('img', { name: 'Rated 4 of 5, small flaw' })).toBeVisible();
  await expect(other.getByRole('radio')).toHaveCount(0);
  for (const id of [address.split('/').at(-1)!, link.split('/').at(-1)!]) {
    const data = superjson.serialize({ id, lane: 'coca', rating: { stars: 1, blind: false } });
    expect((await other.request.post('/api/trpc/history.rate', { data, headers: { origin: baseURL! } })).status()).toBe(
      404,
    );
  }
  await page.goto(address);
  await finished(page);
  await expect(said(page, 'coca')).toHaveText('4 of 5, small flaw, best');

  // Run again, it is another caption that nobody has rated.
  await page.getByRole('button', { name: 'More for CoCa' }).click();
  await page.getByRole('menuitem', { name: 'Run alone' }).click();
  await expect(said(page, 'coca')).toHaveText('not rated', { timeout: 60_000 });
  await page.reload();
  await finished(page);
  await expect(said(page, 'coca')).toHaveText('not rated');
  await expect(said(page, 'decap')).toHaveText('2 of 5, mostly wrong');
  await other.context().close();
});

test('blind: no name on the page, lanes shuffled and the same after a reload; rated, then revealed', async ({
  page,
}) => {
  test.slow();
  await page.goto('/');
  await expect(page.getByTestId('lane-coca')).toBeVisible();
  await page.getByRole('switch', { name: /Blind/ }).click();
  await expect(page.getByTestId('lane-E')).toBeVisible();
  // While it runs as well: whatever the page says meanwhile names no decoder.
  await page.evaluate((pattern) => {
    const told: string[] = [];
    (window as unknown as { told: string[] }).told = told;
    new MutationObserver(() => {
      const html = document.body.outerHTML.replace(/<script[^]*?<\/script>/g, '');
      const found = new RegExp(pattern, 'i').exec(html);
      if (found && told.length < 3) told.push(html.slice(Math.max(0, found.index - 200), found.index + 100));
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  }, names.source);
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await allDone(page);
  expect(await page.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual([]);
  const hidden = async () => {
    expect(
      await page.evaluate(() => document.documentElement.outerHTML.replace(/<script[^]*?<\/script>/g, '')),
    ).not.toMatch(names);
    expect(await page.locator('body').ariaSnapshot()).not.toMatch(names);
    expect(await page.title()).not.toMatch(names);
    // What is copied of the whole page.
    expect(
      await page.evaluate(() => (getSelection()!.selectAllChildren(document.body), String(getSelection()))),
    ).not.toMatch(names);
    for (const tell of [/\bcos\b/, /\d ms\b/, /tok\/s/, /referee/i])
      await expect(page.getByRole('main')).not.toContainText(tell);
  };
  await hidden();
  const shuffled = await captions(page);
  await page.keyboard.press('1');
  await Promise.all([kept(page), page.keyboard.press('4')]);
  await expect(said(page, 'A')).toHaveText('4 of 5, small flaw');
  await Promise.all([kept(page), give(page, 'Rating of caption C', 2)]);
  await expect(page.getByTestId('rated-count')).toHaveText('2 of 5 rated');
  await page.reload();
  await allDone(page);
  await hidden();
  expect(await captions(page)).toEqual(shuffled);
  await expect(said(page, 'A')).toHaveText('4 of 5, small flaw, best');
  await expect(stars(page, 'Rating of caption A').getByText('given blind')).toBeAttached();

  // The history keeps the secret too.
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'History' }).click();
  await expect(entries(page)).toContainText(shuffled[0]!);
  await expect(entries(page).locator('.v-mark')).toHaveCount(0);
  expect(await entries(page).evaluate((entry) => entry.outerHTML)).not.toMatch(names);
  await entries(page).getByRole('heading').getByRole('link').click();
  await allDone(page);

  await page.getByRole('button', { name: 'Reveal' }).click();
  await finished(page);
  // Each stays where it stood and says what it was.
  expect(await captions(page)).toEqual(shuffled.map((caption) => expect.stringContaining(caption) as unknown));
  const first = page.getByTestId('lanes').locator('[data-testid^=lane-]').first();
  await expect(first).toHaveAttribute('data-status', 'done');
  await expect(first.getByRole('rowheader')).toContainText('was A');
  await expect(first.getByRole('radio', { name: /^4 of 5/ })).toBeChecked();
  await expect(first.getByText('given blind')).toBeAttached();
  // With the names in view a rating is not blind, and neither is it once they are hidden again.
  const second = page.getByTestId('lanes').locator('[data-testid^=lane-]').nth(1);
  await Promise.all([kept(page), second.locator('.v-stars label').nth(4).click()]);
  await expect(second.getByText('given blind')).toHaveCount(0);
  await page.getByRole('switch', { name: /Blind/ }).click();
  await page.getByRole('switch', { name: /Blind/ }).click();
  await expect(page.getByTestId('blind-bar')).toContainText('do not count as blind');
  await Promise.all([kept(page), give(page, 'Rating of caption D', 3)]);
  await expect(stars(page, 'Rating of caption D').getByText('given blind')).toHaveCount(0);

  // Whoever opens it without having seen the names may rate it blind.
  const later = await page.context().newPage();
  await later.goto(page.url());
  await allDone(later);
  await expect(later.getByTestId('blind-bar')).toContainText('then reveal who said what');
  const open = letters[(await later.getByTestId('rating').allInnerTexts()).indexOf('not rated')]!;
  await Promise.all([kept(later), give(later, `Rating of caption ${open}`, 5)]);
  await expect(stars(later, `Rating of caption ${open}`).getByText('given blind')).toBeAttached();
  await later.goto('/history');
  await later.getByRole('button', { name: 'Ratings' }).click();
  await later.getByLabel('Only what was rated blind').check();
  await expect(later.getByText('3 captions rated in 1 comparison of your history.')).toBeVisible();
});

test('what this browser alone keeps is rated there, also blind, and nothing is sent', async ({
  page,
  browser,
  baseURL,
}) => {
  test.slow();
  const lanes = ['clipcap', 'decap', 'coca'];
  await openInBrowser(page, lanes);
  await page.getByRole('switch', { name: /Blind/ }).click();
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  await choosePicture(page);
  await allDone(page, letters.slice(0, 3));
  await give(page, 'Rating of caption B', 5);
  await expect(said(page, 'B')).toHaveText('5 of 5, right');
  await page.reload();
  await allDone(page, letters.slice(0, 3));
  await expect(said(page, 'B')).toHaveText('5 of 5, right');
  await page.getByRole('button', { name: 'Reveal' }).click();
  await finished(page, lanes);
  const best = await page.getByTestId('lanes').locator('[data-testid^=lane-]').nth(1).getByRole('heading').innerText();
  await page.goto('/history');
  await expect(entries(page).getByText('rated 5 of 5, right, given blind')).toBeAttached();
  const path = await exportAs(page, 'JSON');
  await page.getByRole('button', { name: 'Ratings' }).click();
  await expect(page.getByTestId('rating-means').getByRole('row').nth(1)).toHaveText(new RegExp(`${best}5\\.00–11$`));
  expect(sent).toEqual([]);

  const other = await (await browser.newContext({ baseURL })).newPage();
  await other.goto('/history');
  await other.getByLabel('File to import').setInputFiles(path);
  await expect(other.getByTestId('said')).toHaveText('1 imported.');
  await expect(entries(other).getByText('rated 5 of 5, right, given blind')).toBeAttached();
  expect((JSON.parse(readFileSync(await exportAs(other, 'JSON'), 'utf8')) as { hash: string }).hash).toBe(
    (JSON.parse(readFileSync(path, 'utf8')) as { hash: string }).hash,
  );
  await other.context().close();
});

test('a comparison with lanes here and on the server counts as rated by a star in either', async ({ page }) => {
  test.slow();
  const lanes = ['clipcap', 'coca'];
  await openStudio(page, lanes);
  await chooseDevice(page, 'Device of CoCa', /WASM/);
  await choosePicture(page);
  await finished(page, lanes);
  const count = async (filter: string, n: number) => {
    await page.getByLabel('Which comparisons').selectOption(filter);
    await expect(entries(page)).toHaveCount(n);
  };
  const address = page.url();
  for (const lane of ['ClipCap', 'CoCa']) {
    await page.goto('/history');
    await count('All', 1);
    await count('Some caption rated', 0);
    await count('No caption rated', 1);
    await page.goto(address);
    await finished(page, lanes);
    await give(page, `Rating of ${lane}`, 3);
    await expect(star(page, `Rating of ${lane}`, 3)).toBeChecked();
    await page.goto('/history');
    await count('No caption rated', 0);
    await count('Some caption rated', 1);
    await page.goto(address);
    await finished(page, lanes);
    await give(page, `Rating of ${lane}`, 3);
    await expect(said(page, lane.toLowerCase())).toHaveText('not rated');
  }
});

for (const theme of ['light', 'dark'] as const)
  test(`stars and blind mode, ${theme}: no accessibility violation, nothing sticks out`, async ({ page }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    const clean = (name: string) => expectClean(page, `${name}, ${theme}`, theme === 'light' ? undefined : ['wide']);
    await page.goto('/');
    await expect(page.getByTestId('lane-coca')).toBeVisible();
    await page.getByRole('switch', { name: /Blind/ }).click();
    await page.getByRole('button', { name: 'Sample picture' }).click();
    await allDone(page);
    for (const [letter, n] of [
      ['A', 4],
      ['C', 2],
      ['D', 5],
    ] as const)
      await Promise.all([kept(page), give(page, `Rating of caption ${letter}`, n)]);
    await clean('blind');
    await page.getByRole('button', { name: 'Reveal' }).click();
    await finished(page, decoders);
    await clean('revealed');
    await page.goto('/history');
    await expect(entries(page)).toHaveCount(1);
    await clean('history');
    await page.getByRole('button', { name: 'Ratings' }).click();
    await expect(page.getByTestId('rating-pairs')).toBeVisible();
    await clean('table');
  });
