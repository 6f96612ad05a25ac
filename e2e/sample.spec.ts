import { expect } from '@playwright/test';
import { test } from './studio';

/** What is drawn: a dark brown dog runs over grass after a ball. */
const named = /\b(dogs?|puppy)\b/;

test('at least four of the five decoders name what the sample picture shows', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await expect(page.locator('[data-testid^=lane-][data-status=done]')).toHaveCount(5, { timeout: 60_000 });
  const captions = await page.getByTestId('caption').allInnerTexts();
  expect(captions.filter((caption) => named.test(caption)).length, captions.join(' | ')).toBeGreaterThanOrEqual(4);
});
