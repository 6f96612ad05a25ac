import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect as within, type Page, test } from '@playwright/test';
import { smallPublishedFamily } from '../server/families/small-published';
import { captions, chooseDevice, choosePicture, finished } from './browser-pictures';

// Pages of a busy machine take their time.
const expect = within.configure({ timeout: 30_000 });
const name = 'small-published';
const lanes = ['iterative', 'clipcap', 'capdec', 'decap'];
const folder = join(tmpdir(), `studio-imported-${process.pid}`);

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function openWith(page: Page, device?: RegExp): Promise<void> {
  await page.goto('/');
  await page.getByRole('combobox', { name: 'Family', exact: true }).selectOption(name);
  await expect(page.getByTestId('lane-coca')).toHaveCount(0);
  if (device) await chooseDevice(page, 'Device of all lanes', device);
}

test('a family of published architectures, imported on the server, says the same there, on WASM and on WebGPU', async ({ page }) => {
  test.setTimeout(300_000);
  mkdirSync(folder, { recursive: true });
  const paths = Object.entries(smallPublishedFamily(name)).map(([path, bytes]) => {
    writeFileSync(join(folder, path), bytes);
    return join(folder, path);
  });
  await page.goto('/models');
  await page.getByLabel('Kind of checkpoint').selectOption('family');
  await page.getByLabel('Files on this machine').fill(paths.join('\n'));
  await page.getByLabel('Name of the family').fill(name);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const installed = page.getByTestId(`installed-${name}`);
  await expect(installed).toContainText('iterative, clipcap, capdec, decap');

  await openWith(page);
  await choosePicture(page);
  await finished(page, lanes);
  const said = await captions(page);
  expect(said).toHaveLength(lanes.length);
  for (const caption of said) expect(caption).toMatch(/\w{12,}/);

  for (const device of [/WASM/, /WebGPU/]) {
    await openWith(page, device);
    await choosePicture(page);
    await expect(page).toHaveURL(/\/local/);
    await finished(page, lanes, 120_000);
    expect(await captions(page)).toEqual(said);
  }

  await page.goto('/models');
  await installed.getByRole('button', { name: `Remove ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(installed).toHaveCount(0);
});
