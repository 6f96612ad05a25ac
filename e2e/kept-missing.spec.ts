import { expect, type Page } from '@playwright/test';
import { expectAccessible, expectFits } from './accessible';
import { captions, choosePicture, finished, openInBrowser } from './browser-pictures';
import { test } from './studio';

// On a server where each browser is an owner of its own: addresses of comparisons that are not there, or not for who
// asks.

const title = (page: Page) => page.getByRole('heading', { level: 1 });
/**
 * Nothing is offered that needs the comparison, nothing sticks out on a phone, and the page has no accessibility
 * violation.
 */
async function offersNothing(page: Page) {
  for (const name of [/^Replay/, /^Share /, /^Export/, 'Run again', 'Choose photos'])
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  await page.setViewportSize({ width: 360, height: 780 });
  await expectFits(page);
  await expectAccessible(page);
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('another’s comparison, a wrong address and a link that shows nothing say what happened and what to do next', async ({
  page,
  browser,
  baseURL,
}) => {
  test.slow();
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page);
  const said = await captions(page);
  const address = page.url();
  await page.goto('/history');
  await page.getByRole('button', { name: 'Ownership' }).click();
  await page.getByRole('button', { name: 'Make a key' }).click();
  const key = await page.getByTestId('ownership-key').inputValue();
  await page.getByRole('button', { name: 'Close' }).click();

  const other = await (await browser.newContext({ baseURL })).newPage();
  for (const wrong of ['/c/nosuchcomparison', '/c/not%20an%20id!']) {
    await other.goto(wrong);
    await expect(title(other)).toHaveText('There is no such comparison for you');
    await offersNothing(other);
  }
  for (const wrong of [`/s/${'x'.repeat(43)}`, '/s/cut-off']) {
    await other.goto(wrong);
    await expect(title(other)).toHaveText('This link shows nothing');
    await offersNothing(other);
  }
  await other.getByRole('main').getByRole('link', { name: 'History' }).click();
  await expect(other.getByText('Nothing is kept yet.')).toBeVisible();
  await other.goto(address);
  await expect(other.getByTestId('problem')).toContainText('belongs to another browser');
  await offersNothing(other);
  await other.getByRole('main').getByRole('link', { name: 'Compare a photo' }).click();
  await expect(other.getByRole('button', { name: 'Sample picture' })).toBeEnabled();
  await other.goto(address);
  await other.getByRole('button', { name: 'Restore an ownership key' }).click();
  await other.getByLabel('Restore from a key').fill(key);
  await other.getByRole('button', { name: 'Restore', exact: true }).click();
  await finished(other);
  expect(await captions(other)).toEqual(said);
  await expect(other.getByRole('button', { name: /^Share / })).toBeVisible();
  await other.context().close();
});

test('a comparison that was deleted is brought back where it is missed, on the server and in the browser', async ({
  page,
}) => {
  test.slow();
  const one = ['clipcap'];
  await openInBrowser(page, one);
  await choosePicture(page);
  await finished(page, one);
  const here = page.url();
  expect(here).toContain('/local?id=');
  await page.goto('/');
  await page.getByLabel('Device of all lanes').click();
  await page.getByRole('option', { name: /Server/ }).click();
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page, one);
  const there = page.url();
  expect(there).toContain('/c/');
  await page.goto('/history');
  const entries = page.getByTestId('entry');
  await expect(entries).toHaveCount(2);
  await page.getByRole('button', { name: 'Select all' }).click();
  await page.getByRole('main').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(entries).toHaveCount(0);
  for (const address of [here, there]) {
    await page.goto(address);
    await expect(title(page)).toHaveText('This comparison is deleted');
    await offersNothing(page);
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await finished(page, one);
    await expect(page.getByRole('button', { name: /^Share / })).toBeVisible();
  }
  await page.goto('/history');
  await expect(entries).toHaveCount(2);
  await page.goto('/local?id=nosuch');
  await expect(title(page)).toHaveText('This comparison is not in this browser');
  await offersNothing(page);
});
