import { expect, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { captions, chooseDevice, choosePicture, finished, openInBrowser, openStudio } from './browser-pictures';
import { test } from './studio';

// Comparisons that are in the browser alone are exported, replayed and scrubbed there: nothing of them is sent.

const entries = (page: Page) => page.getByTestId('entry');
async function exportAs(page: Page, item: string) {
  await page.getByRole('group', { name: 'This comparison' }).getByRole('button', { name: 'Export' }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()]);
  const path = test.info().outputPath(file.suggestedFilename());
  await file.saveAs(path);
  return { path, bytes: readFileSync(path) };
}

const hashOf = (file: Buffer) => (JSON.parse(file.toString()) as { hash: string }).hash;

test('what is in the browser alone becomes every kind of file, is replayed and wound back, and nothing is sent', async ({
  page,
  browser,
  baseURL,
}) => {
  test.slow();
  page.on('pageerror', (error) => {
    throw error;
  });
  const lanes = ['clipcap', 'decap'];
  await openInBrowser(page, lanes);
  await choosePicture(page);
  await finished(page, lanes);
  const said = await captions(page);
  await page.getByText('Score against reference captions').click();
  await page.getByLabel('Reference captions').fill('a green field under a blue sky\n\na field');
  await expect(page.getByRole('columnheader', { name: /CIDEr-D/ })).toBeVisible();
  await page.getByLabel('Reference captions').blur();
  await expect(page.getByText('Kept with this comparison.')).toBeVisible();
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));

  const json = await exportAs(page, 'JSON');
  expect((await exportAs(page, 'Picture, PNG')).bytes.subarray(1, 4).toString()).toBe('PNG');
  expect((await exportAs(page, 'Picture, SVG')).bytes.toString()).toContain('data:image/png;base64,');
  expect((await exportAs(page, 'CSV')).bytes.toString().trim().split('\r\n')).toHaveLength(said.length + 1);
  expect((await exportAs(page, 'Captions')).bytes.toString()).toContain(said[0]!);
  await page.getByRole('group', { name: 'This comparison' }).getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: /COCO results/ }).click();
  const [coco] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'decap', exact: true }).first().click(),
  ]);
  expect(JSON.parse(readFileSync(await coco.path(), 'utf8'))).toEqual([
    { image_id: expect.any(String), caption: expect.stringMatching(/\w/) },
  ]);
  const html = await exportAs(page, 'One HTML file');
  const offline = await browser.newContext({ offline: true });
  const alone = await offline.newPage();
  await alone.goto(`file://${html.path}`);
  for (const caption of said) await expect(alone.getByRole('main')).toContainText(caption);
  await alone.getByRole('slider', { name: 'Step of the decode' }).fill('1');
  await expect(alone.getByRole('main')).not.toContainText(said[0]!);
  await offline.close();

  await page.getByRole('button', { name: /^Share / }).click();
  await expect(page.getByTestId('save-first')).toContainText(/Save/);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: /^Replay/ }).click();
  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await expect(page.getByTestId('replay-report')).toContainText('Same tokens in every lane.', { timeout: 60_000 });
  expect(sent).toEqual([]);

  // References are there again, scores too; and the whole of it where it is imported.
  await page.getByRole('link', { name: 'Open the replay' }).click();
  await finished(page, lanes);
  expect(await captions(page)).toEqual(said);
  await page.getByRole('slider', { name: 'Step of the decode' }).fill('1');
  await expect(page.getByText(/^step 1\//)).toBeVisible();
  await expect(page.getByText('Scored against 2 reference captions')).toBeVisible();
  await page.goto('/history');
  await expect(entries(page)).toHaveCount(2);

  const other = await (await browser.newContext({ baseURL })).newPage();
  await other.goto('/history');
  await other.getByLabel('File to import').setInputFiles(json.path);
  await expect(other.getByTestId('said')).toHaveText('1 imported.');
  await entries(other).getByRole('heading').getByRole('link').click();
  await finished(other, lanes);
  expect(await captions(other)).toEqual(said);
  await expect(other.getByText('Scored against 2 reference captions')).toBeVisible();
  await expect(other.getByTestId('photo')).toHaveJSProperty('complete', true);
  // There it is the studio's, and what it exports is the same comparison.
  expect(hashOf((await exportAs(other, 'JSON')).bytes)).toBe(hashOf(json.bytes));
  await other.context().close();
});

test('lanes of the server and of the browser are one comparison in the history, deleted and brought back as one', async ({
  page,
}) => {
  const lanes = ['clipcap', 'coca'];
  await openStudio(page, lanes);
  await chooseDevice(page, 'Device of ClipCap', /WASM/);
  await choosePicture(page);
  await expect(page).toHaveURL(/\/local\?id=/);
  await finished(page, lanes);
  const said = await captions(page);
  await page.goto('/history');
  await expect(entries(page)).toHaveCount(1);
  await expect(entries(page)).toContainText('this browser and the server');
  for (const caption of said) await expect(entries(page)).toContainText(caption);
  // Found by the words of either half.
  for (const caption of said.slice(0, 2)) {
    await page.getByRole('searchbox').fill(caption);
    await expect(entries(page)).toHaveCount(1);
  }
  await page.getByRole('searchbox').fill('');
  await entries(page)
    .getByRole('button', { name: /^Delete/ })
    .click();
  await expect(page.getByText('Nothing is kept yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(entries(page)).toHaveCount(1);
  await entries(page).getByRole('button', { name: 'Export' }).click();
  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'CSV' }).click()]);
  expect(
    readFileSync(await csv.path(), 'utf8')
      .trim()
      .split('\r\n'),
  ).toHaveLength(said.length + 1);
  await entries(page).getByRole('heading').getByRole('link').click();
  await finished(page, lanes);
  expect(await captions(page)).toEqual(said);
});
