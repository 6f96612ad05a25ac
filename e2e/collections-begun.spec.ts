import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { drawCollection } from '../server/cli/test-photos';
import { expectAccessible, expectClean } from './accessible';
import { ports } from './ports';
import { startStudio, test } from './studio';

const folder = mkdtempSync(join(tmpdir(), 'studio-e2e-begun-'));
const photos = join(folder, 'holidays');
let names: string[];
test.beforeAll(async () => {
  mkdirSync(photos);
  names = await drawCollection(photos, 17);
  for (const n of [1, 2, 3]) writeFileSync(join(photos, `broken-${n}.png`), 'no picture');
  writeFileSync(join(photos, 'notes.md'), 'no picture either');
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One lane, so that little is to be waited for. */
const oneLane = (page: Page, decoder = 'clipcap') =>
  page.addInitScript(
    (name) => localStorage.setItem('caption-studio.lanes', JSON.stringify([{ id: name, decoder: name, options: {} }])),
    decoder,
  );
const far = (page: Page) => page.getByTestId('far');
/** Rows that there are; only those in view are drawn. */
const expectRows = async (page: Page, count: number) => {
  const table = page.getByTestId('table');
  await expect(table).toHaveAttribute('aria-rowcount', `${count + 2}`);
  await expect(table.getByRole('button', { name: 'Open 0000.png' })).toBeVisible();
};
const nextFaults = (page: Page) => {
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  return faults;
};

test('a folder of this machine is begun on the page by keys, tells what is wrong with a path, and is deleted', async ({
  page,
}) => {
  await oneLane(page);
  await page.goto('/collections');
  const path = page.getByRole('textbox', { name: 'Folder, archive or table on this machine' });
  for (const [given, told] of [
    ['holidays', 'no whole path'],
    [join(folder, 'gone'), 'cannot be opened'],
  ] as const) {
    await path.fill(given);
    await path.press('Enter');
    await expect(page.getByRole('alert').filter({ hasText: told })).toBeVisible();
  }
  await expectClean(page, 'a path that is not there');
  await path.fill(`${photos}/`);
  await path.press('Enter');
  await expect(page).toHaveURL(/\/collections\/\w{64}$/, { timeout: 30_000 });
  await expect(far(page)).toHaveText('done · 17 of 20 done, 3 could not be read', { timeout: 60_000 });
  await expect(page.getByText('1 note on what was found')).toBeVisible();
  await expectRows(page, 20);
  await expectClean(page, 'a collection that is done', ['wide']);
  await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Delete the captions for good' }).press('Enter');
  await expect(page).toHaveURL(/\/collections$/);
  await expect(page.getByRole('link', { name: 'holidays' })).toHaveCount(0);
});

test('several photos are a collection: sent, kept over a reload, walked, exported, and one is compared', async ({
  page,
}) => {
  const faults = nextFaults(page);
  await oneLane(page, 'decap');
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Sample picture' })).toBeEnabled();
  const all = [...names, 'broken-1.png', 'broken-2.png', 'broken-3.png'];
  await page.getByLabel('Photo file').setInputFiles(all.map((name) => join(photos, name)));
  await expect(page).toHaveURL(/\/collections\/\w{64}$/, { timeout: 60_000 });
  await expect(far(page)).toHaveText('done · 17 of 20 done, 3 could not be read', { timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('20 photos');
  await page.reload();
  await expectRows(page, 20);
  await expect(page.getByTestId('table').locator('img').first()).toBeVisible();

  const table = page.getByTestId('table');
  await table.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const one = page.getByRole('dialog');
  await expect(one).toContainText('0001.png');
  await expect(one.getByRole('img')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'The next photo' }).click();
  await expect(one).toContainText('0002.png');
  const said = await one.getByRole('definition').first().innerText();
  // Stars by keys, which are not the photo's; and a caption of the person's own.
  await one
    .getByRole('radio', { name: /^4 of 5/ })
    .first()
    .focus();
  await page.keyboard.press('4');
  await expect(one.getByRole('radio', { name: /^4 of 5/ }).first()).toBeChecked();
  await page.keyboard.press('ArrowLeft');
  await expect(one).toContainText('0002.png');
  await expect(one.getByRole('radio', { name: /^3 of 5/ }).first()).toBeChecked();
  await one.getByRole('textbox', { name: 'Your own caption' }).fill('a hill of our own');
  await one.getByRole('button', { name: 'Keep it' }).press('Enter');
  await expect(one).toContainText('no run writes over it');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'What you said' }).selectOption('own');
  await expect(table).toHaveAttribute('aria-rowcount', '2');
  await expect(table).toContainText('a hill of our own');
  await expect(table).toContainText('★ 3');
  await page.getByRole('combobox', { name: 'What you said' }).selectOption('');
  await page.getByRole('button', { name: 'Open 0002.png' }).click();
  await one.getByRole('link', { name: 'Compare this photo' }).click();
  await expect(page.getByTestId('lane-decap')).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await expect(page).toHaveURL(/\/c\//);
  await expect(page.getByTestId('caption')).toHaveText(said);

  await page.goto('/collections');
  await page.getByRole('link', { name: '20 photos' }).first().click();
  // References are pasted: rows are scored, the lane has a mean, a name that nobody has is told.
  const references = page.getByTestId('references');
  await references.getByText('Score against reference captions').press('Enter');
  const lines = ['0000.png', '0001.png', 'nobody.png'].map((name) => `${name},a drawn hill below the sky`);
  await references.getByRole('textbox').fill(`image,caption\n${lines.join('\n')}\n`);
  await references.getByRole('button', { name: 'Score', exact: true }).press('Enter');
  await expect(references).toContainText('Scored against references of 2 photos');
  await expect(references).toContainText('1 name in it is of no photo here: nobody.png');
  await expect(page.getByTestId('means')).toContainText(/mean of 20.*CIDEr-D .* ± .*ROUGE-L/s);
  await expectClean(page, 'a collection with references', ['wide']);
  await page.getByRole('columnheader', { name: 'DeCap' }).getByRole('button').click();
  await expect(page.getByRole('row').nth(1)).toContainText(/000[01]\.png/);
  await references.getByRole('button', { name: 'Take away' }).press('Enter');
  await expect(references).toContainText('Score against reference captions');
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /^COCO results/ }).click(),
  ]);
  const results = JSON.parse(readFileSync(await download.path(), 'utf8')) as { caption: string }[];
  expect(results).toHaveLength(17);
  expect(results[2]!.caption).toBe(said);
  expect(faults).toEqual([]);
});

test('what is too large or cancelled is not sent; a tab that goes in the middle leaves what arrived', async ({
  page,
}) => {
  await oneLane(page);
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Sample picture' })).toBeEnabled();
  let held = 0;
  let go = () => {};
  const gate = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/api/collections/sent/*', async (route) => {
    if (held++ > 0) await gate;
    await route.continue().catch(() => undefined);
  });
  const small = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#4c8b3b' } })
    .png()
    .toBuffer();
  const many = Array.from({ length: 60 }, (_, n) => ({ name: `${n}.png`, mimeType: 'image/png', buffer: small }));
  await page.getByLabel('Photo file').setInputFiles(many);
  await expect(page.getByTestId('sending')).toContainText('24 of 60');
  await expectClean(page, 'photos on their way');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByTestId('sending')).toHaveCount(0);
  await expect(page.getByTestId('problem')).toHaveCount(0);

  // The tab goes: what arrived may become a collection.
  held = 0;
  await page.getByLabel('Photo file').setInputFiles(many);
  await expect(page.getByTestId('sending')).toContainText('24 of 60');
  page.once('dialog', (dialog) => void dialog.accept());
  await page.goto('/collections');
  go();
  const left = page.getByTestId('sent');
  await expect(left).toHaveCount(1);
  await expect(left).toContainText('24 of 60 photos have arrived');
  await left.getByRole('button', { name: 'Caption those that are here' }).click();
  await expect(far(page)).toHaveText('done · 24 of 24 done', { timeout: 60_000 });
  await page.goto('/collections');
  await expect(left).toHaveCount(0);
});

test('a run that a studio left is interrupted, and the next studio goes on with it by a button', async ({ page }) => {
  test.setTimeout(240_000);
  const many = join(folder, 'many');
  mkdirSync(many);
  await drawCollection(many, 96);
  const slow = { STUDIO_SLOW_STEP_MS: '30' };
  const first = await startStudio('begun', ports.own, slow);
  await oneLane(page);
  const address = `http://127.0.0.1:${ports.own}`;
  await page.goto(`${address}/collections`);
  const path = page.getByRole('textbox', { name: 'Folder, archive or table on this machine' });
  await path.fill(many);
  await path.press('Enter');
  await expect(far(page)).toHaveText(/^running · 32 of 96 done$/, { timeout: 120_000 });
  await expect(page.getByText(/images a second · .* left/)).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(far(page)).toHaveText(/^paused · /, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(far(page)).toHaveText(/^running · /);
  await first.stop();
  const second = await startStudio('begun', ports.own);
  try {
    await page.reload();
    await expect(far(page)).toHaveText(/^interrupted · (32|64) of 96 done$/);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect(far(page)).toHaveText('done · 96 of 96 done', { timeout: 60_000 });
    await expect(page.getByRole('button', { name: 'Go on' })).toHaveCount(0);
  } finally {
    await second.stop();
  }
});
