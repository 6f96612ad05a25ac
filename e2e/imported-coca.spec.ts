import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect as within, type Page } from '@playwright/test';
import sharp from 'sharp';
import { drawnPicture, golden, smallCocaFamily } from '../models/test-open-clip-coca';
import { smallPublishedFamily } from '../server/families/small-published';
import { expectAccessible, expectFits } from './accessible';
import { look, optionsOf } from './inspector';
import { captions, chooseDevice, finished } from './browser-pictures';
import { removeFamily } from './remove-family';
import { test } from './studio';

// CoCa in the layout that open_clip publishes, small and of random weights: a base model, and one that was fine-tuned
// and so joins the space of another.
const expect = within.configure({ timeout: 30_000 });
const folder = join(tmpdir(), `studio-imported-coca-${process.pid}`);
const [base, tuned] = ['small-coca', 'small-coca-tuned'];
/** As the released package decodes, as its main does, and as the studio does. */
const lanes = ['coca', 'coca-2', 'coca-3'];

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function importFamily(page: Page, name: string, files: Record<string, Uint8Array>): Promise<void> {
  mkdirSync(join(folder, name), { recursive: true });
  const paths = Object.entries(files).map(([path, bytes]) => {
    writeFileSync(join(folder, name, path), bytes);
    return join(folder, name, path);
  });
  await page.goto('/models');
  await page.getByLabel('Kind of checkpoint').selectOption('family');
  await page.getByLabel('Files on this machine').fill(paths.join('\n'));
  await page.getByLabel('Name of the family').fill(name);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByTestId(`installed-${name}`)).toContainText('coca');
}
async function openWith(page: Page, family: string): Promise<void> {
  await page.addInitScript(() =>
    localStorage.setItem(
      'caption-studio.lanes',
      JSON.stringify([
        { id: 'coca', decoder: 'coca', options: { mode: 'open_clip-3.3.0' } },
        { id: 'coca-2', decoder: 'coca', options: { mode: 'open_clip-main' } },
        { id: 'coca-3', decoder: 'coca', options: {} },
      ]),
    ),
  );
  await page.goto('/');
  await page.getByRole('combobox', { name: 'Family', exact: true }).selectOption(family);
  for (const lane of lanes) await expect(page.getByTestId(`lane-${lane}`)).toBeVisible();
}
/** A picture of open_clip's goldens, of which it says long and different things. */
const drawn = 7;
async function choosePicture(page: Page): Promise<void> {
  const { data, width, height } = drawnPicture(drawn);
  const buffer = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  await page.getByLabel('Photo file').setInputFiles({ name: 'drawn.png', mimeType: 'image/png', buffer });
}
/** Every token of a lane's caption. */
async function tokensOf(page: Page, lane: string): Promise<string[]> {
  const panel = await look(page, lane, 'Words');
  return panel.getByRole('group', { name: 'Words of the caption' }).locator('.v-word').allInnerTexts();
}

test('CoCa of open_clip says on WASM what it says on the server, and shows where each word looked', async ({
  page,
}) => {
  test.setTimeout(300_000);
  await importFamily(page, base, await smallCocaFamily(base));
  await openWith(page, base);
  await choosePicture(page);
  await finished(page, lanes, 120_000);
  const said = await captions(page);
  const tokens: string[][] = [];
  for (const lane of lanes) tokens.push(await tokensOf(page, lane));
  // What open_clip itself prints of this picture, less the white space that a page makes single.
  const { text, group, beam } = golden.pictures[drawn]!;
  const shown = (printed: string) => printed.replaceAll(/\s+/g, ' ').trim();
  expect(said.slice(0, 2).map(shown)).toEqual([shown(text.group), shown(text.beam)]);
  expect(tokens.slice(0, 2).map(({ length }) => length)).toEqual([group.length, beam.length]);
  // A line tells by which mode it speaks.
  for (const [i, mode] of ['open_clip-3.3.0', 'open_clip-main'].entries())
    await expect(page.getByTestId(`lane-${lanes[i]}`)).toContainText(mode);

  // The heat map of every word, by its own button; the contrastive pooling is another, and says so.
  for (const lane of ['coca', 'coca-2']) {
    const panel = await look(page, lane, 'Why');
    const words = panel.getByRole('group', { name: 'Word of the caption' }).getByRole('button');
    await expect(words).toHaveCount(tokens[lanes.indexOf(lane)]!.length);
    const map = panel.getByRole('img', { name: /^Where/ });
    const seen = new Set<string>();
    await expect(words.last()).toHaveText('■ end');
    for (const word of await words.all()) {
      await word.click();
      await expect(word).toHaveAttribute('aria-pressed', 'true');
      await expect(map).toHaveAttribute(
        'aria-label',
        /^Where CoCa looked for “.*”: most at row \d, column \d of 4 by 4\.$/,
      );
      seen.add((await map.locator('svg').innerHTML()).replaceAll(/\s+/g, ' '));
    }
    expect(seen.size).toBeGreaterThan(1);
    await panel.getByRole('button', { name: 'Contrastive pooling' }).click();
    await expect(map).toHaveAttribute('aria-label', /^Where the contrastive pooling looked: most at/);
    await expect(panel).toContainText('One query pools the photo for its embedding');
    expect(seen.has((await map.locator('svg').innerHTML()).replaceAll(/\s+/g, ' '))).toBe(false);
  }

  await chooseDevice(page, 'Device of all lanes', /WASM/);
  await choosePicture(page);
  await expect(page).toHaveURL(/\/local/);
  await finished(page, lanes, 120_000);
  expect(await captions(page)).toEqual(said);
  for (const [i, lane] of lanes.entries()) expect(await tokensOf(page, lane)).toEqual(tokens[i]);
  await removeFamily(page, base);
});

test('of a fine-tuned CoCa the page says which space scores, wide and narrow, light and dark', async ({ page }) => {
  test.setTimeout(300_000);
  await importFamily(page, tuned, await smallCocaFamily(tuned, smallPublishedFamily(tuned)));
  await openWith(page, tuned);
  await choosePicture(page);
  await finished(page, lanes, 120_000);
  await expect(page.getByText(`Referee: cosine in the joint space ${tuned}-space`)).toBeVisible();
  const refusal = page.getByText(/fine-tuned on captions alone.*The space small-coca-tuned-space scores its captions/);
  for (const [width, height, colorScheme] of [
    [1440, 900, 'light'],
    [390, 844, 'dark'],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    const narrow = width < 600;
    if (narrow) await page.getByRole('button', { name: /^Look inside/ }).click();
    const { panel, option } = await optionsOf(page, 'coca-3');
    await expect(option('mode')).toHaveValue('studio');
    await expect(refusal).toBeVisible();
    await expect(option('rerank')).toHaveCount(0);
    await expect(option('jointRerank')).toBeVisible();
    await expectFits(page, `options, ${width}, ${colorScheme}`);
    await expectAccessible(page, `options, ${width}, ${colorScheme}`);
    await look(page, 'coca-3', 'Why');
    await panel.getByRole('button', { name: 'Contrastive pooling' }).click();
    await expectFits(page, `heat map, ${width}, ${colorScheme}`);
    await expectAccessible(page, `heat map, ${width}, ${colorScheme}`);
    if (narrow) await page.keyboard.press('Escape');
  }
  await removeFamily(page, tuned);
});
