import { expect, type Page } from '@playwright/test';
import { test } from './studio';

/** The sample that is chosen on a first visit, captioned by one lane of each decoder. */
async function captionsOf(page: Page, name: string): Promise<string[]> {
  await page.goto('/');
  await page.getByRole('button', { name }).click();
  await expect(page.locator('[data-testid^=lane-][data-status=done]')).toHaveCount(5, { timeout: 60_000 });
  return page.getByTestId('caption').allInnerTexts();
}

for (const [name, named] of [
  ['A dog after a ball', /\b(dogs?|puppy)\b/],
  ['Somebody on skis', /\b(ski\w*|snow\w*)\b/],
] as const)
  test(`at least four of the five decoders name what is drawn: ${name}`, async ({ page }) => {
    const captions = await captionsOf(page, name);
    expect(captions.filter((caption) => named.test(caption)).length, captions.join(' | ')).toBeGreaterThanOrEqual(4);
    await expect(page.getByTestId('doubt')).toContainText('A drawing');
  });

test('none of the five names the cat, as was said before, and the page says why; reopened and run again it is the cat', async ({
  page,
}) => {
  const captions = await captionsOf(page, 'A cat on a sofa');
  expect(captions.join(' ')).not.toMatch(/\b(cats?|kittens?)\b/);
  const doubt = page.getByTestId('doubt');
  await expect(doubt).toHaveAttribute('data-grade', 'wrong');
  await doubt.getByText('Why?').click();
  await expect(doubt).toContainText('a dog over a hundred times for every cat');
  await page.reload();
  await expect(doubt).toHaveAttribute('data-grade', 'wrong');
  const before = page.url();
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.waitForURL((url) => url.href !== before);
  await expect(page.locator('[data-testid^=lane-][data-status=done]')).toHaveCount(5, { timeout: 60_000 });
  expect((await page.getByTestId('caption').allInnerTexts()).sort()).toEqual(captions.sort());
});
