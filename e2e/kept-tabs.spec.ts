import { expect, type Page } from '@playwright/test';
import { finished } from './browser-pictures';
import { test } from './studio';

/** As a person comes back to a tab. */
const lookAgain = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('focus')));
const stars = (page: Page, lane: string) => page.getByTestId(`lane-${lane}`).getByTestId('rating');
const give = async (page: Page, lane: string, n: number) => {
  await page.getByTestId(`lane-${lane}`).hover();
  await page
    .getByTestId(`lane-${lane}`)
    .locator('[role=radiogroup] label')
    .nth(n - 1)
    .click();
};
const references = (page: Page) => page.getByRole('textbox', { name: 'Reference captions' });
const kept = (page: Page, procedure: string) =>
  page.waitForResponse((response) => response.url().includes(procedure) && response.ok());

test('two tabs on one comparison: each sees what the other kept once it is looked at again, and nothing is overwritten', async ({
  page,
  context,
}) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await finished(other);
  await Promise.all([kept(page, 'history.rate'), give(page, 'clipcap', 4)]);
  await Promise.all([kept(other, 'history.rate'), give(other, 'decap', 2)]);
  for (const tab of [page, other]) await tab.getByText('Score against reference captions').click();
  await Promise.all([kept(page, 'history.edit'), references(page).fill('a drawn house')]);
  // The other tab has not seen them, and adds its own.
  await Promise.all([kept(other, 'history.edit'), references(other).fill('a tree beside a house')]);
  for (const tab of [page, other]) {
    await lookAgain(tab);
    await expect(stars(tab, 'clipcap')).toContainText('4 of 5');
    await expect(stars(tab, 'decap')).toContainText('2 of 5');
    await expect(references(tab)).toHaveValue('a drawn house\na tree beside a house');
  }
  await page.reload();
  await finished(page);
  await expect(stars(page, 'decap')).toContainText('2 of 5');
});
