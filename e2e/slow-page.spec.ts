import { expect } from '@playwright/test';
import { test } from './studio';

test('words appear while their captions are still being written, and Esc stops', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  const lane = page.getByTestId('lane-clipcap');
  await expect(lane).toHaveAttribute('data-status', 'running', { timeout: 30_000 });
  await expect(lane.getByTestId('caption')).toHaveText(/\w+/);
  const early = await lane.getByTestId('caption').innerText();
  await expect.poll(async () => (await lane.getByTestId('caption').innerText()).length).toBeGreaterThan(early.length);
  await expect(lane).toHaveAttribute('data-status', 'running');
  await page.keyboard.press('Escape');
  await expect(lane).toHaveAttribute('data-status', 'stopped');
  await expect(page.getByTestId('progress')).toContainText('Stopped');
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(lane).toHaveAttribute('data-status', 'running', { timeout: 30_000 });
});

test('a running comparison is joined again after a reload', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  const lane = page.getByTestId('lane-coca');
  await expect(lane).toHaveAttribute('data-status', 'running', { timeout: 30_000 });
  await expect(page).toHaveURL(/\/c\//);
  await page.reload();
  await expect(lane).toHaveAttribute('data-status', /running|done/, { timeout: 30_000 });
  await expect(lane).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
});
