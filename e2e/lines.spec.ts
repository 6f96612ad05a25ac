import { expect, type Page } from '@playwright/test';
import { expectAccessible, expectFits } from './accessible';
import { choosePicture, decoders, finished, leaveLanes } from './browser-pictures';
import { watchShifts } from './layout-shift';
import { test } from './studio';

const lane = (page: Page, id: string) => page.getByTestId(`lane-${id}`);
const caption = (page: Page, id: string) => lane(page, id).getByTestId('caption');
const lines = (page: Page) => page.getByTestId('lanes').locator('[data-testid^=lane-]');
const order = (page: Page) =>
  lines(page).evaluateAll((all) => all.map((line) => (line as HTMLElement).dataset.testid!.replace('lane-', '')));
const numbers = (page: Page, column: string) => page.locator(`[role=cell][data-column=${column}]`);

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('the first visit is one sentence, what to drop and three samples, of which one says that it is got wrong; the lanes are named with their devices', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/');
  const intro = page.getByRole('region', { name: 'How it works' });
  await expect(intro).toContainText('Give it a photo');
  await expect(intro).toContainText('Drop photos, a folder or an embedding anywhere');
  await expect(lines(page)).toHaveCount(5);
  for (const id of decoders) await expect(lane(page, id)).toContainText('Server');
  // Nothing is drawn for what there is not yet.
  await expect(page.getByTestId('caption')).toHaveCount(0);
  await expectAccessible(page, 'first visit');
  await expect(intro.getByRole('button')).toHaveCount(3);
  await expect(intro.getByRole('button', { name: 'A cat on a sofa' })).toContainText('pocket gets this one wrong');
  await intro.getByRole('button', { name: 'A dog after a ball' }).click();
  await expect(intro).toHaveCount(0);
  await finished(page);
});

test('eight lanes with captions, numbers, the doubt and the inspector are on one screen, and nothing moves while they stream', async ({
  page,
}) => {
  test.slow();
  await page.setViewportSize({ width: 1440, height: 900 });
  const eight = [...decoders, 'clipcap-2', 'decap-2', 'coca-2'];
  await page.addInitScript(
    (all) => localStorage.setItem('caption-studio.lanes', JSON.stringify(all)),
    eight.map((id) => ({ id, decoder: id.replace(/-\d$/, ''), options: {} })),
  );
  await page.goto('/');
  await expect(lane(page, 'coca-2')).toBeVisible();
  await choosePicture(page);
  await expect(page.locator('[data-status=running]').first()).toBeVisible();
  const shifted = await watchShifts(page);
  const places = () => lines(page).evaluateAll((all) => all.map((line) => Math.round(line.getBoundingClientRect().y)));
  const before = await places();
  await finished(page, eight);
  expect(await places()).toEqual(before);
  expect(await shifted()).toBeLessThan(0.01);
  for (const part of [
    page.getByTestId('doubt'),
    page.getByTestId('inspector'),
    ...eight.flatMap((id) => [caption(page, id), lane(page, id).locator('[data-column=cos]')]),
  ])
    await expect(part).toBeInViewport({ ratio: 1 });
  // With all that is done with them: nothing of the page has to be scrolled for.
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0);
  for (const tool of ['Shared words', 'Columns', 'Copy all', 'Your caption', 'Lane'])
    await expect(page.getByRole('button', { name: tool, exact: true })).toBeInViewport({ ratio: 1 });
  await expect(page.getByText('Score against reference captions')).toBeInViewport({ ratio: 1 });
  // The same decoder with the same options says the same, and says whom it repeats.
  await expect(lane(page, 'clipcap-2').getByTestId('state')).toContainText('= ');
  await expectFits(page);
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`on a phone the photo stays in view, the first caption is above the fold, nothing sticks out: ${colorScheme}`, async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({
      baseURL,
      colorScheme,
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    const page = await context.newPage();
    await page.goto('/');
    await page.getByRole('button', { name: 'A dog after a ball' }).click();
    await finished(page);
    await page.evaluate(() => scrollTo(0, 0));
    await expect(caption(page, 'iterative')).toBeInViewport({ ratio: 1 });
    await page.evaluate(() => scrollTo(0, 500));
    await expect(page.getByTestId('photo')).toBeInViewport({ ratio: 1 });
    await page.evaluate(() => scrollTo(0, 0));
    // Stars and copying need no pointer that hovers.
    await expect(lane(page, 'clipcap').getByRole('button', { name: 'Copy what ClipCap says' })).toHaveCSS(
      'opacity',
      '1',
    );
    await expectFits(page);
    await expectAccessible(page, `phone, ${colorScheme}`);
    await page.getByLabel('sort by').selectOption({ label: 'device time ↑' });
    const took = await numbers(page, 'device').allInnerTexts();
    expect(took).toHaveLength(5);
    expect(took.map(ms)).toEqual(took.map(ms).sort((a, b) => a - b));
    await context.close();
  });
const ms = (text: string) => Number.parseFloat(text.replace(/^device /, '')) * (/ s$/.test(text) ? 1000 : 1);

test('columns and their order are the person’s choice and kept; lines stay where they are while lanes run', async ({
  page,
  openSample,
}) => {
  await openSample(page);
  await page.getByRole('button', { name: 'Columns' }).click();
  for (const name of ['log-probability', 'tokens a second']) await page.getByRole('checkbox', { name }).check();
  await page.getByRole('checkbox', { name: 'cosine' }).uncheck();
  const table = page.getByRole('table', { name: 'All lanes compared' });
  await expect(table.getByRole('columnheader', { name: 'cos' })).toHaveCount(0);
  await expect(table.getByRole('columnheader', { name: 'lp' })).toBeVisible();
  // Log-probabilities of different decoders are not compared: none is the best.
  await expect(numbers(page, 'lp').filter({ hasText: '(best)' })).toHaveCount(0);
  await expect(numbers(page, 'device').filter({ hasText: '(best)' })).not.toHaveCount(0);
  const stood = await order(page);
  await table.getByRole('button', { name: 'device' }).click();
  await expect(table.getByRole('columnheader', { name: 'device' })).toHaveAttribute('aria-sort', 'ascending');
  const sorted = await order(page);
  const took = await numbers(page, 'device').allInnerTexts();
  expect(took.map((text) => ms(text.replace('(best)', '').trim()))).toEqual(
    took.map((text) => ms(text.replace('(best)', '').trim())).sort((a, b) => a - b),
  );
  await page.reload();
  await finished(page);
  await expect.poll(() => order(page)).toEqual(sorted);
  await expect(table.getByRole('columnheader', { name: 'lp' })).toBeVisible();
  // Run again, a lane keeps its place until all have ended.
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page.locator('[data-status=running]').first()).toBeVisible();
  expect(await order(page)).toEqual(sorted);
  await finished(page);
  for (let presses = 0; presses < 2; presses++) await table.getByRole('button', { name: 'device' }).click();
  await expect.poll(() => order(page)).toEqual(stood);
});

test('one caption is copied, and all of them as text, as a Markdown table, as JSON with numbers', async ({
  page,
  context,
  baseURL,
  openSample,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: baseURL });
  await openSample(page);
  const said = async (id: string) => (await caption(page, id).innerText()).replace('■', '').trim();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: 'Copy what DeCap says' }).click();
  await expect.poll(copied).toBe(await said('decap'));
  await page.getByRole('button', { name: 'Copy all' }).click();
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  await expect.poll(copied).toContain(`CoCa: ${await said('coca')}\n`);
  expect((await copied()).trimEnd().split('\n')).toHaveLength(5);
  await page.getByRole('button', { name: 'Markdown table' }).click();
  await expect.poll(copied).toContain('| lane | caption | cos | device |');
  await page.getByRole('button', { name: 'JSON with all numbers' }).click();
  await expect.poll(copied).toMatch(/^\[/);
  const all = JSON.parse(await copied()) as { lane: string; caption: string; cosine: number; logProb: number }[];
  expect(all.map(({ lane: id }) => id)).toEqual(decoders);
  expect(all[3]!.caption).toBe(await said('decap'));
  for (const { cosine, logProb } of all) {
    expect(cosine).toBeLessThanOrEqual(1);
    expect(logProb).toBeLessThan(0);
  }
  await expectAccessible(page, 'copy all');
});

test('a lane that is removed is told and brought back to its place, with what it said; the focus is where it helps', async ({
  page,
  openSample,
}) => {
  await openSample(page);
  const said = await caption(page, 'capdec').innerText();
  await page.getByRole('button', { name: 'More for CapDec' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await expect(lane(page, 'capdec')).toHaveCount(0);
  await expect(page.getByRole('status').filter({ hasText: 'CapDec is removed.' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(lane(page, 'capdec')).toBeFocused();
  expect(await order(page)).toEqual(decoders);
  await expect(caption(page, 'capdec')).toHaveText(said);
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
  await page.reload();
  await finished(page);
  expect(await order(page)).toEqual(decoders);
});

test('the keyboard walks lines and words; keys that are one character are switched off and stay off', async ({
  page,
  openSample,
}) => {
  await openSample(page);
  const word = (id: string, n: number) => caption(page, id).locator('.v-token').nth(n);
  await page.keyboard.press('2');
  await expect(word('clipcap', 0)).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(word('clipcap', 1)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(caption(page, 'capdec').locator(':focus')).toHaveCount(1);
  await expect(lane(page, 'capdec')).toHaveAttribute('data-focused');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(caption(page, 'iterative').locator(':focus')).toHaveCount(1);
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keyboard' });
  await dialog.getByRole('checkbox', { name: 'Keys that are a single character' }).uncheck();
  await expectAccessible(page, 'keys');
  await page.keyboard.press('Escape');
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  for (const off of [true, false]) {
    const address = page.url();
    for (const key of ['?', 'b', '2', 'd', '/']) await page.keyboard.press(key);
    await expect(dialog).toHaveCount(0);
    await expect(lines(page)).toHaveCount(5);
    expect(page.url()).toBe(address);
    await expect(page.locator('.v-token:focus')).toHaveCount(0);
    if (off) await page.reload();
    await finished(page);
  }
  // What is no character works on.
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await dialog.getByRole('checkbox', { name: 'Keys that are a single character' }).check();
  await page.keyboard.press('Escape');
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('2');
  await expect(caption(page, 'clipcap').locator(':focus')).toHaveCount(1);
});

test('what fails says so in its line, with the one action that helps; its neighbours are not touched', async ({
  page,
}) => {
  test.slow();
  await leaveLanes(page, ['clipcap', 'coca']);
  await page.goto('/');
  await page.getByRole('combobox', { name: 'Device of all lanes' }).click();
  await page.getByRole('option', { name: /WASM/ }).click();
  await page.route(/\/api\/weights\//, (route) => route.abort());
  await choosePicture(page);
  await expect(lane(page, 'clipcap')).toHaveAttribute('data-status', 'failed', { timeout: 60_000 });
  await expect(lane(page, 'clipcap').getByTestId('state')).toContainText('failed');
  await expectAccessible(page, 'failed lane');
  await page.unroute(/\/api\/weights\//);
  const retry = lane(page, 'clipcap').getByRole('button', { name: 'Run ClipCap again' });
  await retry.click();
  await finished(page, ['clipcap'], 120_000);
});

test('a person accepts a caption, edits one and writes their own, apart from what the decoders said; it lasts', async ({
  page,
  openSample,
}) => {
  await openSample(page);
  const said = (await caption(page, 'decap').innerText()).replace('■', '').trim();
  const mine = page.getByTestId('person-caption');
  const accept = page.getByRole('button', { name: 'Accept what ClipCap says' });
  await accept.click();
  await expect(mine).toHaveCount(1);
  await expect(accept).toHaveAttribute('aria-pressed', 'true');
  await expect(mine.first()).toContainText('accepted, ClipCap');
  await page.getByRole('button', { name: 'Edit what DeCap says' }).click();
  const field = page.getByRole('textbox', { name: 'Your caption' });
  await expect(field).toBeFocused();
  await expect(field).toHaveValue(said);
  await field.fill('كلب بني يلعب');
  await page.keyboard.press('Enter');
  await expect(mine).toHaveCount(2);
  await expect(mine.nth(1)).toContainText('كلب بني يلعب');
  await expect(mine.nth(1)).toContainText('own, made of DeCap');
  // Scored by the same space, and ranked among the captions: a line of the same table, of nobody's decoder.
  const cosine = mine.nth(1).locator('[data-column=cos]');
  await expect(cosine).toHaveText(/\d\.\d/);
  await page.getByRole('button', { name: 'Your caption' }).click();
  await field.fill(`A long one: ${'word '.repeat(70)}end`);
  await page.getByRole('button', { name: 'Keep' }).click();
  await expect(mine).toHaveCount(3);
  await expect(mine.nth(2)).toContainText('the cosine is of its beginning');
  await page.getByRole('button', { name: 'cos', exact: true }).click();
  const rows = page.getByTestId('lanes').locator('.v-line');
  const cosines = async () =>
    (await rows.locator('[data-column=cos]').allInnerTexts()).map((text) =>
      Number(text.match(/[-−]?\d\.\d+/)![0].replace('−', '-')),
    );
  await expect(rows).toHaveCount(8);
  // Those that optimised the cosine are ranked with nobody, and stand last.
  const ranked = (await cosines()).slice(0, 5);
  expect(ranked).toEqual([...ranked].sort((a, b) => b - a));
  await page.getByRole('button', { name: 'cos', exact: true }).click();
  await page.getByRole('button', { name: 'cos', exact: true }).click();
  await expectFits(page);
  await expectAccessible(page, 'captions of a person');
  await expect(caption(page, 'decap')).toContainText(said);

  await page.reload();
  await finished(page);
  await expect(mine).toHaveCount(3);
  await expect(accept).toHaveAttribute('aria-pressed', 'true');
  await accept.click();
  await expect(mine).toHaveCount(2);
  await page.getByRole('button', { name: /^Take back “A long one/ }).click();
  await expect(mine).toHaveCount(1);
  // It is no decoder's: the lanes say what they said.
  await expect(caption(page, 'decap')).toContainText(said);
});
