import { expect as within, type Locator, type Page } from '@playwright/test';
import pocket from '../models/pocket/manifest.json' with { type: 'json' };
import { amount } from '../models/units';
import { smallRealFamily } from '../server/families/test-families';
import { TestHub } from '../server/hub/test-hub';
import { expectAccessible, expectFits } from './accessible';
import { chooseDevice, choosePicture, finished } from './browser-pictures';
import { ports } from './ports';
import { test } from './studio';

// The studio's servers look for the hub here (e2e/studio.ts); it is there while these tests want it.
// Pages and commands of a busy machine take their time.
const expect = within.configure({ timeout: 30_000 });
const repository = 'studio-tests/small';
/** The same under a name that nobody installs. */
const other = 'studio-tests/other';
let hub: TestHub | undefined;
let size = '';

const startHub = async () => {
  hub = await TestHub.start(ports.hub);
  const small = await smallRealFamily('small');
  size = amount(Object.values(small).reduce((sum, { length }) => sum + length, 0));
  for (const [path, bytes] of Object.entries(small))
    for (const place of [repository, other]) hub.put(place, path, bytes, { small: path.endsWith('.json') });
  return hub;
};
const stopHub = async () => {
  await hub?.stop();
  hub = undefined;
};
test.afterEach(stopHub);
test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

const openModels = async (page: Page) => {
  await page.goto('/models');
  await expect(page.getByTestId('installed-pocket')).toBeVisible();
};
/** Opens a line of the list, as a person does. */
const open = (row: Locator) => row.locator('h3').getByRole('button').press('Enter');
const askFor = async (page: Page, which = repository) => {
  await page.getByLabel('Another family on the hub').fill(which);
  await page.getByRole('button', { name: 'Pull this repository' }).click();
};

test('without the network, the page says what there is and how to go on', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Models', exact: true }).click();
  await expect(page.getByTestId('installed-pocket')).toContainText(
    `${amount(Object.values(pocket.files).reduce((sum, { bytes }) => sum + bytes, 0))} on disk`,
  );
  await expect(page.getByTestId('disk')).toContainText(/free in/);
  const card = page.getByTestId('published-clipcap-coco');
  await expect(card).toContainText('MIT');
  await expect(card).toContainText('clip-vit-b32 (pulled along)');
  await open(card);
  await card.getByRole('button', { name: /^Pull/ }).click();
  const dialog = page.getByTestId('pull-dialog');
  await expect(dialog.getByRole('alert')).toContainText(/cannot be reached/, { timeout: 30_000 });
  await expect(dialog).toContainText('HF_ENDPOINT');
  await expect(dialog).toContainText('Import from files');
  await expect(dialog.getByRole('button', { name: 'Download' })).toBeDisabled();
  // By keyboard: out of the dialog, and to the form for the very kind.
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await card.getByRole('link', { name: /From files/ }).press('Enter');
  await expect(page.getByLabel('Kind of checkpoint')).toBeFocused();
  await expect(page.getByLabel('Kind of checkpoint')).toHaveValue('clipcap-mlp');
  await expect(page.getByLabel('Joins the family')).toHaveText(/none is installed: pull clip-vit-b32 first/);
});

test('a pull shows licence and sizes, survives a reload, is cancelled, resumed, captions on both hosts, is checked and removed', async ({
  page,
}) => {
  test.setTimeout(180_000);
  const { files } = await startHub();
  await openModels(page);
  await askFor(page);
  const dialog = page.getByTestId('pull-dialog');
  await expect(dialog).toContainText('Licence: Own terms');
  await expect(dialog).toContainText(`joint.safetensors, ${amount(pocket.files.joint.bytes)}`);
  await expect(dialog).toContainText(/\d+ MB to download; up to \d+ MB of disk/);
  // Another name is asked about before it can be used.
  const download = dialog.getByRole('button', { name: 'Download' });
  await dialog.getByLabel('Name of the family').fill('Not a name');
  await expect(download).toBeDisabled();
  await dialog.getByLabel('Name of the family').fill('renamed');
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('as renamed');
  await expect(download).toBeEnabled();
  await dialog.getByLabel('Name of the family').fill('');
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('as small');
  hub!.bytesPerSecond = 2e6;
  await dialog.getByRole('button', { name: 'Download' }).click();
  const job = page.getByTestId('job-small');
  await expect(job).toContainText(new RegExp(`\\d.* of ${size}, .*/s, \\d+ s left`));
  await page.reload();
  await expect(job).toContainText(`of ${size}`);
  await job.getByRole('button', { name: 'Cancel small' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  await expect(page.getByText(`of ${size} pulled from studio-tests/small`)).toBeVisible();

  hub!.bytesPerSecond = undefined;
  hub!.seen.length = 0;
  await page.getByRole('button', { name: 'Resume' }).click();
  const installed = page.getByTestId('installed-small');
  await expect(installed).toContainText('clipcap', { timeout: 30_000 });
  await expect(installed).toContainText(`${repository} lm.safetensors at c0ffee00`);
  expect(hub!.downloads.some(({ headers }) => headers.range?.startsWith('bytes='))).toBe(true);
  expect(files.size).toBeGreaterThan(4);
  await open(installed);
  await installed.getByRole('button', { name: 'Verify small' }).click();
  await expect(installed).toContainText('All 5 files are whole and right.');

  await page.getByRole('link', { name: 'Caption Studio' }).click();
  await expect(page).toHaveURL('/');
  await page.getByRole('combobox', { name: 'Family', exact: true }).selectOption('small');
  await expect(page.getByTestId('lane-coca')).toHaveCount(0);
  await choosePicture(page);
  await finished(page, ['clipcap']);
  const said = await page.getByTestId('caption').first().innerText();
  expect(said).toMatch(/\w+ \w+/);
  await chooseDevice(page, 'Device of all lanes', /WASM/);
  await choosePicture(page);
  await expect(page).toHaveURL(/\/local/);
  await finished(page, ['clipcap']);
  expect(await page.getByTestId('caption').first().innerText()).toBe(said);

  await openModels(page);
  // What was found when it was checked is told until something else is done: the line stands open.
  await expect(installed.getByRole('button', { name: 'Remove small' })).toBeVisible();
  await installed.getByRole('button', { name: 'Remove small' }).click();
  await page.getByRole('button', { name: 'Keep it' }).click();
  await expect(installed).toBeVisible();
  await installed.getByRole('button', { name: 'Remove small' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(installed).toHaveCount(0);
  // The studio page is left with what there is.
  await page.goto('/');
  await expect(page.getByTestId('lane-coca')).toBeVisible();
});

test('the list is searched by any word, has a line each, and is walked by keys', async ({ page }) => {
  await openModels(page);
  const rows = page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 3 }) });
  const all = await rows.count();
  expect(all).toBeGreaterThan(10);
  // One line each: all of them are in less room than their cards took.
  for (const box of await rows.evaluateAll((list) => list.map((row) => row.getBoundingClientRect().height)))
    expect(box).toBeLessThan(56);
  const pocketRow = page.getByTestId('installed-pocket');
  await expect(pocketRow.getByText('Research and education')).toBeHidden();
  await page.keyboard.press('/');
  const field = page.getByRole('searchbox', { name: 'Search models' });
  await expect(field).toBeFocused();
  await page.keyboard.type('coca l/14');
  await expect(rows).toHaveCount(2);
  await expect(page.getByText(`2 of ${all} models`)).toBeVisible();
  await field.fill('no such model');
  await expect(page.getByText('No model has “no such model”')).toBeVisible();
  await expect(rows).toHaveCount(0);
  await field.fill('pocket');
  await expect(pocketRow).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(pocketRow.locator('h3').getByRole('button')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(pocketRow.getByRole('button', { name: 'Verify pocket' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(pocketRow.getByRole('button', { name: 'Verify pocket' })).toBeFocused();
});

test('an import that cannot be says why, on the page', async ({ page }) => {
  await openModels(page);
  await page.getByLabel('Kind of checkpoint').selectOption('clip-vit-b32');
  await page.getByLabel('Files on this machine').fill('/nowhere/model.safetensors');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByTestId('job-clip-vit-b32')).toContainText(/There is no file \/nowhere\/model\.safetensors/);
  await page.getByLabel('Files on this machine').fill('model.safetensors');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByTestId('problem')).toContainText(/no whole path/);
});

for (const theme of ['light', 'dark'] as const)
  for (const [size, width, height] of [
    ['wide', 1440, 900],
    ['narrow', 360, 780],
  ] as const)
    test(`models, ${theme} and ${size}: no accessibility violation, nothing sticks out`, async ({ page }) => {
      await startHub();
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height });
      await openModels(page);
      await expectFits(page);
      await expectAccessible(page);
      await open(page.getByTestId('published-clipcap-coco'));
      await expectFits(page);
      await expectAccessible(page, 'details of a model');
      await askFor(page, other);
      await expect(page.getByTestId('pull-dialog')).toContainText('to download');
      await expectAccessible(page, 'the dialog of a download');
    });
