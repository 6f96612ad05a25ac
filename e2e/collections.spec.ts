import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, type Page } from '@playwright/test';
import { drawCollection } from '../server/cli/test-photos';
import { expectAccessible, expectFits } from './accessible';
import { test } from './studio';

const folder = mkdtempSync(join(tmpdir(), 'studio-e2e-collection-'));
const photos = join(folder, 'travels');
const count = 12;

test.beforeAll(async ({ studio: _ }) => {
  mkdirSync(photos);
  await drawCollection(photos, count);
  writeFileSync(join(photos, 'broken.png'), 'no picture');
  // On the database of the studio that runs.
  const env = { ...process.env, DATABASE_URL: `file:./.studio/e2e/studio-${process.pid}.db` };
  const args = ['caption', photos, '--decoder', 'clipcap,decap', '--out', join(folder, 'rows.jsonl')];
  const done = await promisify(execFile)(process.execPath, ['server/setup/studio.mjs', ...args], { env }).catch(
    (error: { code: number; stderr: string }) => error,
  );
  expect('code' in done ? done.code : 0, done.stderr).toBe(1);
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = (page: Page) =>
  page
    .getByRole('row')
    .getByRole('button', { name: /^Open / })
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')!.slice('Open '.length)));

test('a collection that the command line ran is a table: sorted, filtered, walked by keys, opened', async ({
  page,
}) => {
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto('/collections');
  const card = page.getByTestId('collection').filter({ hasText: 'travels' });
  await expect(card).toContainText(`done · ${count} of ${count + 1} done, 1 could not be read`);
  await expectAccessible(page);
  await card.getByRole('link', { name: 'travels' }).click();
  const table = page.getByTestId('table');
  await expect(table).toHaveAttribute('aria-rowcount', `${count + 3}`);
  await expect(page.getByRole('row').nth(1).locator('img')).toBeVisible();
  expect((await names(page)).slice(0, 2)).toEqual(['0000.png', '0001.png']);
  await expect(table).toContainText('Could not be read:');
  await expectAccessible(page);

  // The file that the command line wrote, to the byte.
  for (const [name, kind] of [
    ['JSON lines', 'jsonl'],
    ['CSV', 'csv'],
  ]) {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: new RegExp(`^${name}`) }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`travels.${kind}`);
    const mine = await readFile(await download.path(), 'utf8');
    if (kind === 'jsonl') expect(mine).toBe(await readFile(join(folder, 'rows.jsonl'), 'utf8'));
    else expect(mine.split('\r\n').filter(Boolean)).toHaveLength(1 + 2 * count + 1);
  }

  // Names from A to Z, from Z, and as they lie.
  const byName = page.getByRole('columnheader', { name: 'photo' });
  await byName.getByRole('button').click();
  await expect(byName).toHaveAttribute('aria-sort', 'ascending');
  await byName.getByRole('button').click();
  await expect(byName).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(async () => (await names(page))[0]).toBe('broken.png');
  await byName.getByRole('button').click();
  await expect(byName).toHaveAttribute('aria-sort', 'none');
  await expect.poll(async () => (await names(page))[0]).toBe('0000.png');

  await page.getByRole('combobox', { name: 'Trust' }).selectOption('failed');
  await expect(table).toHaveAttribute('aria-rowcount', '2');
  expect(await names(page)).toEqual(['broken.png']);
  await page.getByRole('combobox', { name: 'Trust' }).selectOption('');
  await page.getByRole('searchbox').fill('0003');
  await expect(table).toHaveAttribute('aria-rowcount', '2');
  await page.getByRole('searchbox').fill('nothing says this');
  await expect(table).toContainText('No photo fits what is asked for.');
  await page.getByRole('searchbox').fill('');
  await expect(table).toHaveAttribute('aria-rowcount', `${count + 3}`);

  await table.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('row', { selected: true })).toContainText('0002.png');
  await page.keyboard.press('Enter');
  const one = page.getByRole('dialog');
  await expect(one).toContainText('3 of 13');
  await expectAccessible(page);
  await page.keyboard.press('ArrowRight');
  await expect(one).toContainText('0003.png');
  await page.keyboard.press('Escape');
  await expect(one).toBeHidden();
  await expect(table).toBeFocused();
  await expect(page.getByRole('row', { selected: true })).toContainText('0003.png');
  expect(faults).toEqual([]);
});

test('a collection that is not there says so; a narrow screen scrolls the table alone', async ({ page }) => {
  await page.goto(`/collections/${'f'.repeat(64)}`);
  await expect(page.getByTestId('problem')).toContainText('It may have been forgotten');
  await page.getByRole('link', { name: 'Collections' }).last().click();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByRole('link', { name: 'travels' }).click();
  await expect(page.getByTestId('table')).toContainText('0000.png');
  await expectFits(page);
  await expectAccessible(page);
});
