import { expect, type Page, test } from '@playwright/test';
import sharp from 'sharp';

const decoders = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'];

/** A lossless picture of our own, so that both hosts decode the same pixels. */
const picture = () =>
  sharp(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="120" fill="#8ec5f0"/><rect y="120" width="320" height="120" fill="#4c8b3b"/><ellipse cx="160" cy="150" rx="60" ry="30" fill="#6b4423"/></svg>'))
    .png()
    .toBuffer();
const choosePicture = async (page: Page) => page.getByLabel('Photo file').setInputFiles({ name: 'field.png', mimeType: 'image/png', buffer: await picture() });
const captions = (page: Page) => page.getByTestId('caption').allInnerTexts();

async function finished(page: Page, names: readonly string[] = decoders, timeout = 60_000) {
  for (const decoder of names) await expect(page.getByTestId(`lane-${decoder}`)).toHaveAttribute('data-status', 'done', { timeout });
}
async function chooseDevice(page: Page, label: string, option: RegExp) {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option }).click();
}

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('all lanes in the browser say what the server says, and the photo never leaves', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByTestId('lane-coca')).toBeVisible();
  await choosePicture(page);
  await finished(page);
  const server = await captions(page);

  await chooseDevice(page, 'Device of all lanes', /WASM/);
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET' || request.postData()) sent.push(`${request.method()} ${request.url()}`);
  });
  await choosePicture(page);
  await expect(page).toHaveURL(/\/l\/[\w-]+$/);
  await finished(page);
  expect(await captions(page)).toEqual(server);
  await expect(page.getByTestId('lane-clipcap')).toContainText('wasm');
  expect(sent).toEqual([]);

  await page.reload();
  await finished(page);
  expect(await captions(page)).toEqual(server);
  await expect(page.getByTestId('photo')).toBeVisible();
  expect(sent).toEqual([]);
});

test('lanes of one comparison run on the server and in the browser side by side', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByTestId('lane-coca')).toBeVisible();
  await chooseDevice(page, 'Device of ClipCap', /WASM/);
  await choosePicture(page);
  await finished(page);
  await expect(page.getByTestId('lane-clipcap')).toContainText('wasm');
  await expect(page.getByTestId('lane-coca')).toContainText('cpu');
  const said = await captions(page);
  await page.reload();
  await finished(page);
  expect(await captions(page)).toEqual(said);
});
