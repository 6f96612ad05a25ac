import { type Browser, expect, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { expectAccessible, expectClean } from './accessible';
import { captions, choosePicture, finished, openInBrowser, picture } from './browser-pictures';
import { test } from './studio';

// On a server where each browser is an owner of its own (e2e/studio.ts), so every test begins with an empty
// history.

/** The sample by all five; the captions that were said. */
async function runSample(page: Page): Promise<string[]> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page);
  return captions(page);
}
const entries = (page: Page) => page.getByTestId('entry');
async function download(page: Page, click: () => Promise<unknown>) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  const path = test.info().outputPath(file.suggestedFilename());
  await file.saveAs(path);
  return { name: file.suggestedFilename(), path };
}
async function exportAs(page: Page, item: string) {
  await entries(page).first().getByRole('button', { name: 'Export' }).click();
  return download(page, () => page.getByRole('menuitem', { name: item }).click());
}
async function otherProfile(browser: Browser, baseURL: string): Promise<Page> {
  return (await browser.newContext({ baseURL })).newPage();
}

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('a comparison is kept as it runs; it is found, renamed, annotated, deleted and brought back', async ({ page }) => {
  await page.goto('/history');
  await expect(page.getByText('Nothing is kept yet.')).toBeVisible();
  const said = await runSample(page);
  const address = page.url();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'History' }).click();
  await expect(entries(page)).toHaveCount(1);
  for (const caption of said) await expect(entries(page)).toContainText(caption);
  await expect(entries(page).locator('img').first()).toHaveJSProperty('complete', true);

  await entries(page)
    .getByRole('button', { name: /Rename or annotate/ })
    .click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Dog <b>& ball</b>');
  await page.getByLabel(/^Note/).fill('Ask Zoë\nabout the ball');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(entries(page).getByRole('heading')).toHaveText('Dog <b>& ball</b>');
  await page.keyboard.press('/');
  await page.keyboard.type('zoe bal');
  await expect(entries(page)).toHaveCount(1);
  await page.getByRole('searchbox').fill('zebra');
  await expect(page.getByText(/No caption, title or note/)).toBeVisible();
  await page.getByRole('searchbox').fill(said[0]!.split(' ')[1]!);
  await expect(entries(page)).toHaveCount(1);

  await entries(page)
    .getByRole('button', { name: /^Delete/ })
    .click();
  await expect(entries(page)).toHaveCount(0);
  await page.goto(address);
  await expect(page.getByTestId('problem')).toContainText('You deleted it');
  await page.goto('/history');
  await expect(page.getByText('Nothing is kept yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Deleted' }).click();
  await page.getByRole('button', { name: /^Restore/ }).click();
  await page.getByRole('button', { name: 'Back to the history' }).click();
  await entries(page)
    .getByRole('button', { name: /^Delete/ })
    .click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(entries(page)).toHaveCount(1);
  await entries(page).getByRole('link', { name: 'Dog <b>& ball</b>' }).click();
  await finished(page);
  expect(await captions(page)).toEqual(said);
});

test('a link shows a comparison in another profile, cannot write, and is nothing once revoked', async ({
  page,
  browser,
  baseURL,
}) => {
  const said = await runSample(page);
  const address = page.url();
  await page.getByText('Score against reference captions').click();
  await page
    .getByLabel('Reference captions')
    .fill('a brown dog runs over the grass\na dog chases a red ball in a field');
  await page.getByLabel('Reference captions').blur();
  await expect(page.getByText('Kept with this comparison.')).toBeVisible();
  /** CIDEr-D of all lanes, as the table shows it. */
  const scores = (where: Page) =>
    where.getByRole('table', { name: 'All lanes compared' }).locator('[data-column=ciderD]').allInnerTexts();
  await expect(page.getByRole('columnheader', { name: 'CIDEr-D' })).toBeVisible();
  const scored = await scores(page);
  expect(scored.some((score) => Number.parseFloat(score!) > 0)).toBe(true);
  await page.goto('/history');
  await entries(page)
    .getByRole('button', { name: /^Share/ })
    .click();
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByTestId('share-link').inputValue();

  const visitor = await otherProfile(browser, baseURL!);
  await visitor.goto(link);
  for (const caption of said) await expect(visitor.getByRole('main')).toContainText(caption);
  await expect(visitor.locator('.v-film-picture')).toHaveJSProperty('complete', true);
  expect(await visitor.locator('.v-film-picture').evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(640);
  // The references' scores are the studio's own, on the link's page and in the file, which can ask nobody.
  expect(await scores(visitor)).toEqual(scored);
  // Scrubbed like a film, with no model: half-way, captions are not whole yet.
  await visitor.getByRole('slider', { name: 'Step of the decode' }).fill('1');
  await expect(visitor.getByRole('main')).not.toContainText(said[0]!);
  const kept = await download(visitor, () => visitor.getByRole('link', { name: /one HTML file/ }).click());
  expect(readFileSync(kept.path, 'utf8')).toContain(said[0]!);
  const file = await visitor.context().newPage();
  await file.goto(`file://${kept.path}`);
  await expect(file.getByRole('columnheader', { name: 'CIDEr-D' })).toBeVisible();
  expect(await scores(file)).toEqual(scored);
  await file.close();
  // Not by its own address, nor its picture or an export by theirs, not in the list.
  const id = address.split('/').at(-1)!;
  const { url } = (await (await page.request.post('/api/images', { data: await picture() })).json()) as { url: string };
  expect((await page.request.get(url)).status()).toBe(200);
  expect((await visitor.request.get(url)).status()).toBe(404);
  expect((await visitor.request.get(`${url}?share=${'x'.repeat(43)}`)).status()).toBe(404);
  expect((await visitor.request.get(`/api/export?id=${id}&format=json`)).status()).toBe(404);
  expect((await page.request.get(`/api/export?id=${id}&format=json`)).status()).toBe(200);
  await visitor.goto(address);
  await expect(visitor.getByTestId('problem')).toContainText('belongs to another browser');
  await visitor.goto('/history');
  await expect(visitor.getByText('Nothing is kept yet.')).toBeVisible();

  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByTestId('share-link')).toHaveCount(0);
  await visitor.goto(link);
  await expect(visitor.getByTestId('problem')).toContainText('It was revoked');
  await visitor.context().close();
});

test('one HTML file replays every view with no server, no model and no network', async ({
  page,
  openSample,
  browser,
}) => {
  await openSample(page);
  const said = await captions(page);
  await page.goto('/history');
  await entries(page)
    .getByRole('button', { name: /Rename/ })
    .click();
  await page.getByRole('textbox', { name: 'Title' }).fill('</script><script>document.title="owned"</script>');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(entries(page).getByRole('heading')).toContainText('owned');
  const { path } = await exportAs(page, 'One HTML file');

  const context = await browser.newContext({ offline: true, colorScheme: 'dark' });
  const alone = await context.newPage();
  const [asked, complaints]: [string[], string[]] = [[], []];
  alone.on('request', (request) => !request.url().startsWith('data:') && asked.push(request.url()));
  alone.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  alone.on('pageerror', (error) => complaints.push(error.message));
  await alone.goto(`file://${path}`);
  for (const caption of said) await expect(alone.getByRole('main')).toContainText(caption);
  await expect(alone.getByRole('heading', { level: 1 })).toHaveText('</script><script>document.title="owned"</script>');
  await expect(alone).not.toHaveTitle('owned');
  await alone.getByRole('slider', { name: 'Step of the decode' }).fill('2');
  await expect(alone.getByText(/^step 2\//)).toBeVisible();
  await alone.getByRole('button', { name: 'To the end' }).click();
  for (const tab of ['Beams', 'Trace', 'Why', 'Time', 'Options', 'Words']) {
    await alone.getByRole('tab', { name: tab }).click();
    await expect(alone.getByRole('tabpanel', { name: tab })).not.toBeEmpty();
  }
  expect(asked).toEqual([`file://${path}`]);
  expect(complaints).toEqual([]);
  await expectAccessible(alone);
  await context.close();
});

test('an export is imported elsewhere and draws the same, and other kinds of files can be had', async ({
  page,
  openSample,
  browser,
  baseURL,
}) => {
  await openSample(page);
  const said = await captions(page);
  await page.goto('/history');
  const json = await exportAs(page, 'JSON');
  expect(json.name).toMatch(/\.caption-studio\.json$/);
  const png = readFileSync((await exportAs(page, 'Picture, PNG')).path);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(readFileSync((await exportAs(page, 'CSV')).path, 'utf8')).toContain(said[0]!);

  const other = await otherProfile(browser, baseURL!);
  await other.goto('/history');
  await other.getByLabel('File to import').setInputFiles(json.path);
  await expect(other.getByTestId('said')).toHaveText('1 imported.');
  await entries(other).getByRole('link').first().focus();
  await entries(other).getByRole('heading').getByRole('link').click();
  await finished(other);
  expect(await captions(other)).toEqual(said);
  await other.goto('/history');
  const again = await exportAs(other, 'JSON');
  expect(readFileSync(again.path)).toEqual(readFileSync(json.path));
  await other.getByLabel('File to import').setInputFiles({
    name: 'bad.json',
    mimeType: 'application/json',
    buffer: readFileSync(json.path).subarray(0, 400),
  });
  await expect(other.getByTestId('problem')).toContainText(/cut short/);
  await other.context().close();
});

test('a replay gives the same tokens and says so', async ({ page, openSample }) => {
  await openSample(page);
  await page.goto('/history');
  await entries(page)
    .getByRole('button', { name: /^Replay/ })
    .click();
  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await expect(page.getByTestId('replay-report')).toContainText('Same tokens in every lane.', { timeout: 60_000 });
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(entries(page)).toHaveCount(2);
});

test('several are chosen, deleted together and exported together; a key brings the history to another browser', async ({
  page,
  browser,
  baseURL,
}) => {
  await runSample(page);
  await runSample(page);
  await page.goto('/history');
  await expect(entries(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'Select all' }).click();
  await page.getByRole('main').getByRole('button', { name: 'Export', exact: true }).first().click();
  const csv = await download(page, () => page.getByRole('menuitem', { name: 'CSV' }).click());
  expect(readFileSync(csv.path, 'utf8').trim().split('\r\n')).toHaveLength(11);
  // One file holds both, with every view of each.
  await page.getByRole('main').getByRole('button', { name: 'Export', exact: true }).first().click();
  const album = await download(page, () => page.getByRole('menuitem', { name: 'One HTML file' }).click());
  expect(album.name).toBe('2-comparisons.html');
  const offline = await browser.newContext({ offline: true });
  const alone = await offline.newPage();
  await alone.goto(`file://${album.path}`);
  const choice = alone.getByRole('navigation', { name: '2 comparisons' }).getByRole('button');
  await expect(choice).toHaveCount(2);
  await choice.last().click();
  await expect(choice.last()).toHaveAttribute('aria-current', 'true');
  await alone.getByRole('slider', { name: 'Step of the decode' }).fill('1');
  await expect(alone.getByText(/^step 1\//)).toBeVisible();
  await expectAccessible(alone);
  await offline.close();
  await page.getByRole('button', { name: 'Ownership' }).click();
  await page.getByRole('button', { name: 'Make a key' }).click();
  const key = await page.getByTestId('ownership-key').inputValue();
  await page.getByRole('button', { name: 'Close' }).click();

  const other = await otherProfile(browser, baseURL!);
  await other.goto('/history');
  await other.getByRole('button', { name: 'Ownership' }).click();
  await other.getByLabel('Restore from a key').fill('caption-studio.nonsense');
  await other.getByRole('button', { name: 'Restore' }).click();
  await expect(other.getByRole('alert')).toContainText(/not an ownership key/);
  await other.getByLabel('Restore from a key').fill(key);
  await other.getByRole('button', { name: 'Restore' }).click();
  await expect(other.getByText('This browser now shows the history of that key.')).toBeVisible();
  await other.getByRole('button', { name: 'Close' }).click();
  await expect(entries(other)).toHaveCount(2);
  expect((await other.context().cookies())[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax' });

  // Revoked: the browser that came by it is a stranger again, this one stays who it was.
  await page.getByRole('button', { name: 'Ownership' }).click();
  const keys = page.getByRole('list', { name: 'Ownership keys' }).getByRole('listitem');
  await expect(keys).toHaveCount(1);
  await expect(keys).toContainText('last used');
  await keys.getByRole('button', { name: /^Revoke/ }).click();
  await expect(page.getByText(/The key is revoked/)).toBeVisible();
  await expect(keys).toHaveCount(0);
  await page.getByRole('button', { name: 'Close' }).click();
  await other.reload();
  await expect(other.getByText('Nothing is kept yet.')).toBeVisible();
  await expect(entries(page)).toHaveCount(2);
  await other.context().close();

  await page.getByRole('main').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(entries(page)).toHaveCount(0);
});

test('what ran in this browser is in its history, marked, and nowhere else', async ({ page }) => {
  const lanes = ['clipcap', 'decap'];
  await openInBrowser(page, lanes);
  await choosePicture(page);
  await finished(page, lanes);
  const said = await captions(page);
  await page.goto('/history');
  await expect(entries(page)).toHaveCount(1);
  await expect(entries(page)).toContainText('this browser only');
  await expect(entries(page).getByRole('heading')).toHaveText('field.png');
  await page.getByRole('searchbox').fill(said[1]!.split(' ').at(-1)!);
  await expect(entries(page)).toHaveCount(1);
  await entries(page)
    .getByRole('button', { name: /^Delete/ })
    .click();
  await expect(entries(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await entries(page).getByRole('heading').getByRole('link').click();
  await finished(page, lanes);
  expect(await captions(page)).toEqual(said);
});

test('no script but the studio’s own runs on a page', async ({ page, openSample }) => {
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await openSample(page);
  await page.goto('/history');
  await expect(entries(page)).toHaveCount(1);
  expect(complaints).toEqual([]);
  await page.evaluate(() => {
    const markup = document.createElement('div');
    markup.innerHTML = '<img src="data:," onerror="window.owned = true"><a href="javascript:window.owned = true">x</a>';
    document.body.append(markup);
    markup.querySelector('a')!.click();
    document.body.insertAdjacentHTML('beforeend', '<iframe srcdoc="<script>parent.owned = true</script>"></iframe>');
  });
  await expect.poll(() => complaints.filter((text) => /Content Security Policy/.test(text)).length).toBeGreaterThan(1);
  expect(await page.evaluate(() => (window as { owned?: boolean }).owned)).toBeUndefined();
});

for (const theme of ['light', 'dark'] as const)
  test(`history and shared page, ${theme}: no accessibility violation, nothing sticks out`, async ({
    page,
    openSample,
  }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await openSample(page);
    await page.goto('/history');
    await entries(page)
      .getByRole('button', { name: /Rename/ })
      .click();
    await page.getByRole('textbox', { name: 'Title' }).fill('A dog and its ball');
    await page.getByLabel(/^Note/).fill('The drawn scene; the ball is mostly missed.');
    await page.getByRole('button', { name: 'Save' }).click();
    await entries(page)
      .getByRole('button', { name: /^Share/ })
      .click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.getByTestId('share-link').inputValue();
    const clean = (name: string) => expectClean(page, `${name}, ${theme}`);
    await clean('share-dialog');
    await page.getByRole('button', { name: 'Close' }).click();
    await clean('history');
    await page.goto(link);
    await expect(page.getByRole('slider', { name: 'Step of the decode' })).toBeVisible();
    await clean('shared');
  });
