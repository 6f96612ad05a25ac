import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { expectAccessible, expectFits } from './accessible';
import { watchShifts } from './layout-shift';
import { optionsOf } from './inspector';
import { test } from './studio';

const decoders = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'];

/** A picture of our own: a brown shape on green under blue. */
const picture = () =>
  sharp(
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="120" fill="#8ec5f0"/>' +
        '<rect y="120" width="320" height="120" fill="#4c8b3b"/><ellipse cx="160" cy="150" rx="60" ry="30" fill="#6b4423"/></svg>',
    ),
  )
    .jpeg()
    .toBuffer();

async function finished(page: Page) {
  for (const decoder of decoders)
    await expect(page.getByTestId(`lane-${decoder}`)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
}
const captions = (page: Page) => page.getByTestId('caption').allInnerTexts();

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('a photo from a file is captioned by all five, and its address shows it again', async ({ page }) => {
  await page.goto('/');
  await page
    .getByLabel('Photo file')
    .setInputFiles({ name: 'field.jpg', mimeType: 'image/jpeg', buffer: await picture() });
  await finished(page);
  const said = await captions(page);
  expect(said.filter((caption) => caption.split(' ').length >= 3)).toHaveLength(5);
  await expect(page.getByTestId('photo')).toBeVisible();
  await expect(page.getByTestId('lane-clipcap').locator('[data-column=cos]')).toContainText(/\d\.\d\d\d/);
  await expect(page.getByText('Referee: cosine in the joint space pocket')).toBeVisible();
  await expect(page).toHaveURL(/\/c\/[\w-]+$/);
  await page.reload();
  await finished(page);
  expect(await captions(page)).toEqual(said);
});

test('a network that is lost does not part a machine from its own studio', async ({ page }) => {
  await page.goto('/models');
  await expect(page.getByRole('heading', { name: 'Models', level: 1 })).toBeVisible();
  // What the browser says when the cable is pulled; the studio on the loopback goes on answering.
  await page.evaluate(() => window.dispatchEvent(new Event('offline')));
  await page.getByRole('link', { name: 'Caption Studio' }).click();
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page);
});

test('dropped and pasted photos run too', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByTestId('lane-coca')).toBeVisible();
  const bytes = [...(await picture())];
  await page.evaluate((data) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(data)], 'dropped.jpg', { type: 'image/jpeg' }));
    document
      .querySelector('main')!
      .dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }));
  }, bytes);
  await finished(page);
  const first = page.url();
  await page.evaluate((data) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(data)], 'pasted.jpg', { type: 'image/jpeg' }));
    window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer }));
  }, bytes);
  await expect(page).not.toHaveURL(first);
  await finished(page);
});

test('the sample runs by keyboard alone, and nothing moves while words arrive', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByTestId('lane-coca')).toBeVisible();
  const shifted = await watchShifts(page);
  await page.keyboard.press('s');
  await finished(page);
  expect(await shifted()).toBeLessThan(0.05);
  // A dialog lies over everything, also over the names in the table that stay in view.
  const name = page.getByRole('table', { name: 'All lanes compared' }).getByRole('rowheader').first();
  await name.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await name.boundingBox())!;
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('choose photos');
  expect(
    await page.evaluate(
      ([left, top]) => document.elementFromPoint(left!, top!)?.closest('[role=table]'),
      [x + width / 2, y + height / 2],
    ),
  ).toBeFalsy();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('a file that is no picture is refused in words, and what was there stays', async ({ page, openSample }) => {
  await openSample(page);
  const said = await captions(page);
  await page.getByLabel('Photo file').setInputFiles({
    name: 'notes.jpg',
    mimeType: 'image/jpeg',
    buffer: Buffer.from('these are notes, not a picture'),
  });
  await expect(page.getByTestId('problem')).toContainText('not a picture');
  expect(await captions(page)).toEqual(said);
});

test('an address that does not exist says so', async ({ page }) => {
  await page.goto('/c/nosuchcomparison');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such comparison for you');
  await expect(page.getByTestId('problem')).toContainText('in the database of another studio');
  await page.getByRole('main').getByRole('link', { name: 'Compare a photo' }).click();
  await expect(page.getByRole('button', { name: 'Sample picture' })).toBeEnabled();
});

test('an option changes what a lane does, and a wrong one is refused in words', async ({ page }) => {
  await page.goto('/');
  const lane = page.getByTestId('lane-clipcap');
  await page.getByRole('button', { name: 'More for ClipCap' }).click();
  await page.getByRole('menuitem', { name: 'Options' }).click();
  const beam = (await optionsOf(page, 'clipcap')).option('beam');
  await beam.fill('1');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page);
  await expect(lane.getByText(/^\d+ more$/)).toHaveCount(0);
  await beam.fill('1000');
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page.getByTestId('problem')).toContainText('whole number from 1 to 32');
});

for (const theme of ['light', 'dark'] as const)
  for (const [size, width, height] of [
    ['wide', 1440, 900],
    ['narrow', 360, 780],
  ] as const)
    test(`${theme} and ${size}: no accessibility violation, nothing sticks out`, async ({ page, openSample }) => {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height });
      await openSample(page);
      await expectFits(page);
      await expectAccessible(page);
    });
