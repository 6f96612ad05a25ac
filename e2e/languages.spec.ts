import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { expect, type Page } from '@playwright/test';
import { expectAccessible, expectFits } from './accessible';
import { test } from './studio';

const lanes = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'];
const captions = (page: Page) =>
  page.locator('[data-testid^=lane-][data-status=done] [data-testid=caption]').allInnerTexts();
async function speak(page: Page, name: 'English' | 'Deutsch') {
  await page.getByTestId('language').click();
  await page.getByRole('menuitemradio', { name, exact: true }).click();
}
/** What the browser complains of, a page that is drawn otherwise here than on the server among it. */
function complaints(page: Page): string[] {
  const all: string[] = [];
  page.on('console', (message) => message.type() === 'error' && all.push(message.text()));
  page.on('pageerror', (error) => all.push(error.message));
  return all;
}

test('Deutsch, chosen once, is the language of every page, after a reload and without the network', async ({
  page,
  context,
}) => {
  const complained = complaints(page);
  await page.goto('/');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await expect(page.locator('[data-testid^=lane-][data-status=done]')).toHaveCount(5, { timeout: 60_000 });
  const said = await captions(page);

  // By the keyboard; what has run stays as it is.
  await page.getByRole('button', { name: 'Language: English' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitemradio', { name: 'English', exact: true }).press('ArrowDown');
  // The menu moves its focus after the key was handled; an Enter that is faster chooses what was focused before.
  await expect(page.getByRole('menuitemradio', { name: 'Deutsch', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Sprache: Deutsch' })).toBeFocused();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Fünf Decoder, eine Einbettung');
  expect(await captions(page)).toEqual(said);
  await expect(page.getByTestId('lane-clipcap').getByTestId('caption').locator('[lang=en]').first()).toBeVisible();
  await expect(page.getByTestId('lane-clipcap').locator('[data-column=cos]')).toContainText(/0,\d\d\d/);

  // The server draws it so at once, and the browser agrees.
  await page.reload();
  expect(await (await page.request.get('/')).text()).toMatch(/<html lang="de".*Beispielbild/s);
  for (const lane of lanes)
    await expect(page.getByTestId(`lane-${lane}`)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  expect(await captions(page)).toEqual(said);

  await page.getByRole('link', { name: 'Verlauf' }).click();
  await expect(page).toHaveTitle('Verlauf · Caption Studio');
  await expect(page.getByRole('article').first()).toContainText('Beispielbild');
  await page.goto('/');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.waitForFunction(
    async () => (await (await caches.match('/'))?.text())?.includes('<html lang="de"') ?? false,
    undefined,
    { timeout: 30_000 },
  );
  expect(complained).toEqual([]);
  await context.setOffline(true);
  await page.goto('/');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByRole('button', { name: 'Beispielbild' })).toBeVisible();
});

test('the German pages have no accessibility violation, and nothing sticks out of a narrow one', async ({
  browser,
  baseURL,
}) => {
  test.slow();
  const context = await browser.newContext({ locale: 'de-DE', baseURL });
  const page = await context.newPage();
  const complained = complaints(page);
  await page.goto('/');
  await page.getByRole('button', { name: 'Beispielbild' }).click();
  await expect(page.locator('[data-testid^=lane-][data-status=done]')).toHaveCount(5, { timeout: 60_000 });
  const inspector = page.getByTestId('inspector');
  await inspector.getByLabel('Spur, in die hineingesehen wird').selectOption('decap');
  await inspector.getByRole('tab', { name: 'Optionen' }).click();
  await expect(
    inspector.getByText('Temperatur der Projektion: klein folgt dem nächsten Satz, groß mittelt viele.'),
  ).toBeVisible();
  for (const tab of ['Wörter', 'Beams', 'Kurven', 'Warum', 'Zeit']) {
    await inspector.getByRole('tab', { name: tab }).click();
    await expectAccessible(page, tab);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await expectFits(page);
  for (const [path, heading] of [
    ['/history', 'Verlauf'],
    ['/models', 'Modelle'],
    ['/bench', 'Wie schnell ist dieser Browser?'],
    ['/', 'Fünf Decoder, eine Einbettung'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(page.getByText(/gelesen …$/)).toHaveCount(0);
    await expectFits(page, path);
    await expectAccessible(page, path);
  }
  expect(complained).toEqual([]);
  await context.close();
});

test('a page that is kept for the days without a network follows a change of the language', async ({
  page,
  context,
}) => {
  await page.goto('/');
  await page.waitForFunction(async () => Boolean(await caches.match('/')), undefined, { timeout: 30_000 });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.goto('/history');
  await speak(page, 'Deutsch');
  await expect(page).toHaveTitle('Verlauf · Caption Studio');
  await page.waitForFunction(
    async () => (await (await caches.match('/'))?.text())?.includes('<html lang="de"') ?? false,
  );
  await context.setOffline(true);
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Beispielbild' })).toBeVisible();
});

test('a first visit is in the language of its browser, and problems are told in it', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ locale: 'de-AT', baseURL });
  const page = await context.newPage();
  const complained = complaints(page);
  await page.goto('/');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.getByRole('textbox', { name: 'Adresse eines Bildes' }).fill('hund.jpg');
  await page.getByRole('button', { name: 'Holen' }).click();
  await expect(page.getByRole('alert').getByText('Das ist keine Adresse eines Bildes')).toBeVisible();
  expect(complained).toEqual([]);
  await page
    .getByLabel('Fotodatei')
    .setInputFiles({ name: 'kein-bild.png', mimeType: 'image/png', buffer: Buffer.from('nothing') });
  const problem = page.getByTestId('problem');
  await expect(problem).toContainText('Das Bild lässt sich nicht lesen.');
  // The error's own words are English, and marked so.
  await expect(problem.locator('[lang=en]')).toHaveText(/./);
  await context.close();

  const other = await browser.newContext({ locale: 'da-DK', baseURL });
  const english = await other.newPage();
  await english.goto('/');
  await expect(english.locator('html')).toHaveAttribute('lang', 'en');
  await other.close();
});

test('a file of its own speaks the language of whoever opens it', async ({ page, openSample, browser }, info) => {
  await openSample(page);
  const id = /\/c\/([\w-]+)/.exec(page.url())![1]!;
  const answer = await page.request.post('/api/export', { data: { ids: [id], format: 'html' } });
  const path = info.outputPath('one.html');
  await writeFile(path, await answer.body());
  for (const [locale, heading, board] of [
    ['de-DE', 'Ein Foto, nebeneinander', 'Alle Spuren im Vergleich'],
    ['en-GB', 'One photo, side by side', 'All lanes compared'],
  ] as const) {
    const context = await browser.newContext({ locale });
    const reader = await context.newPage();
    await reader.goto(pathToFileURL(path).href);
    await expect(reader.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(reader.locator('html')).toHaveAttribute('lang', locale.slice(0, 2));
    await expect(reader).toHaveTitle(`${heading} · Caption Studio`);
    await expect(reader.getByRole('table', { name: board })).toBeVisible();
    await context.close();
  }
});

test('a figure speaks the language of whoever asks for it, and a program that asks for none gets English', async ({
  browser,
  baseURL,
}) => {
  const context = await browser.newContext({ locale: 'de-DE', baseURL });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: 'Beispielbild' }).click();
  await expect(page.locator('[data-testid^=lane-][data-status=done]')).toHaveCount(5, { timeout: 60_000 });
  const id = /\/c\/([\w-]+)/.exec(page.url())![1]!;
  await page.getByRole('button', { name: 'Exportieren' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Bild, SVG' }).click(),
  ]);
  const german = await readFile(await download.path(), 'utf8');
  expect(german).toContain('Familie pocket');
  expect(german).toMatch(/cos 0,\d\d pocket/);
  expect(german).toContain('die Suche hat genau diesen Kosinus optimiert');
  const english = await (await fetch(`${baseURL}/api/export?id=${id}&format=svg`)).text();
  expect(english).toContain('family pocket');
  expect(english).toMatch(/cos 0\.\d\d pocket/);
  await context.close();
});
