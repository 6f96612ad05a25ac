import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { test } from './studio';

const decoders = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'];
const picture = (color: string) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120"><rect width="160" height="60" fill="#8ec5f0"/><rect y="60" width="160" height="60" fill="${color}"/><circle cx="80" cy="60" r="20" fill="#6b4423"/></svg>`,
    ),
  )
    .jpeg()
    .toBuffer();
const captions = (page: Page) => page.getByTestId('caption').allInnerTexts();
const finished = async (page: Page, wanted = decoders) => {
  for (const decoder of wanted)
    await expect(page.getByTestId(`lane-${decoder}`)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
};

test('an embedding is downloaded, dropped in again, and decoded to the same words; CoCa says that it needs the photo', async ({
  page,
}) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page);
  const said = await captions(page);
  const saved: Record<string, Buffer> = {};
  for (const kind of ['npy', 'json'] as const) {
    await page.getByRole('button', { name: 'Embedding' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: `.${kind}` }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`\\.${kind}$`));
    saved[kind] = await readFile(await download.path());
  }
  expect((JSON.parse(saved.json!.toString()) as { values: number[] }).values).toHaveLength(256);
  for (const kind of ['npy', 'json']) {
    const before = page.url();
    await page
      .getByLabel('Photo file')
      .setInputFiles({ name: `sample.${kind}`, mimeType: 'application/octet-stream', buffer: saved[kind]! });
    await expect(page).not.toHaveURL(before, { timeout: 30_000 });
    await expect(page.getByTestId('embedding')).toBeVisible({ timeout: 30_000 });
    await finished(page, ['iterative', 'clipcap', 'capdec', 'decap']);
    expect((await captions(page)).slice(0, 4)).toEqual(said.slice(0, 4));
    await expect(page.getByTestId('lane-coca')).toHaveAttribute('data-status', 'unfit');
    await expect(page.getByTestId('lane-coca')).toContainText('not for this input');
    await expect(page.getByTestId('lane-coca').getByRole('alert')).toHaveCount(0);
  }
  await page.reload();
  await expect(page.getByTestId('embedding')).toBeVisible();
  await finished(page, ['clipcap']);
});

test('an embedding of another space or size is refused in words', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Sample picture' })).toBeEnabled();
  await page.getByLabel('Photo file').setInputFiles({
    name: 'other.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify({ space: 'clip-vit-b32', values: [1, 2, 3] })),
  });
  await expect(page.getByTestId('problem')).toContainText('clip-vit-b32');
  await page
    .getByLabel('Photo file')
    .setInputFiles({ name: 'short.json', mimeType: 'application/json', buffer: Buffer.from('[1, 2, 3]') });
  await expect(page.getByTestId('problem')).toContainText('3 values');
});

test('a folder, dropped or chosen, is a collection of its pictures in order, without the rest', async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), 'studio-drop-'));
  try {
    await mkdir(join(folder, 'deeper'));
    await Promise.all([
      writeFile(join(folder, 'b2.jpg'), await picture('#4c8b3b')),
      writeFile(join(folder, 'b10.jpg'), await picture('#d9b26a')),
      writeFile(join(folder, 'notes.txt'), 'no picture'),
      writeFile(join(folder, 'deeper', 'a.jpg'), await picture('#f4f7fa')),
    ]);
    await page.goto('/');
    await expect(page.getByRole('button', { name: 'Sample picture' })).toBeEnabled();
    const rows = page.getByTestId('table').getByRole('button', { name: /^Open / });
    const order = async (top: string) => {
      await expect(page).toHaveURL(/\/collections\/\w+$/, { timeout: 30_000 });
      await expect(rows).toHaveCount(3, { timeout: 60_000 });
      for (const [i, name] of ['b2.jpg', 'b10.jpg', 'deeper/a.jpg'].entries())
        await expect(rows.nth(i)).toHaveAccessibleName(`Open ${top}/${name}`);
    };
    // Chosen, by the button.
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Choose folder' }).click(),
    ]);
    await chooser.setFiles(folder);
    await order(basename(folder));
    // Dropped.
    await page.goto('/');
    await expect(page.getByRole('button', { name: 'Sample picture' })).toBeEnabled();
    const browser = await page.context().newCDPSession(page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
      browser.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data });
    const told = page.getByText('Drop it anywhere: photos, a folder or an embedding.');
    // As a hand does: it moves until the page has said that it takes what is held, and only then lets go.
    const hold = () =>
      expect(async () => {
        await drag('dragEnter');
        await drag('dragOver');
        await expect(told).toBeVisible({ timeout: 500 });
      }).toPass({ timeout: 30_000 });
    // Carried out of the window over a part of the page: nothing of it stays.
    await hold();
    await page.getByRole('banner').dispatchEvent('dragleave', { bubbles: true });
    await expect(told).toBeHidden();
    await hold();
    await drag('drop');
    await order(basename(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
