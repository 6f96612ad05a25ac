import { expect } from '@playwright/test';
import { test } from './studio';

test('one lane is stopped, its neighbours finish, and it is run alone after them', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  const lane = (id: string) => page.getByTestId(`lane-${id}`);
  await expect(lane('iterative')).toHaveAttribute('data-status', 'running', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Stop Iterative' }).click();
  await expect(lane('iterative')).toHaveAttribute('data-status', 'stopped', { timeout: 20_000 });
  for (const id of ['clipcap', 'capdec', 'decap', 'coca'])
    await expect(lane(id)).toHaveAttribute('data-status', 'done', { timeout: 90_000 });
  const said = await lane('clipcap').getByTestId('caption').innerText();
  // What it had said by then stays, and is not said to be done.
  await expect(lane('iterative').getByTestId('caption')).toHaveText(/\w+/);
  await expect(lane('iterative').getByTestId('state')).toContainText('stopped');
  await lane('iterative').getByRole('button', { name: 'Run Iterative again' }).click();
  await expect(lane('iterative')).toHaveAttribute('data-status', /running|done/, { timeout: 30_000 });
  await expect(lane('clipcap')).toHaveAttribute('data-status', 'done');
  await expect(lane('clipcap').getByTestId('caption')).toHaveText(said);
});
