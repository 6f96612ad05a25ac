import { expect } from '@playwright/test';
import { test } from './studio';

const embedding = (name: string, first: number) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(JSON.stringify(Array.from({ length: 256 }, (_, i) => Math.sin(first + i)))),
});

test('stopping a batch says of each input that it did not run, and runs those that are wanted after all', async ({
  page,
}) => {
  await page.goto('/');
  await page
    .getByLabel('Photo file')
    .setInputFiles([embedding('one.json', 1), embedding('two.json', 2), embedding('three.json', 3)]);
  const strip = page.getByTestId('strip');
  await expect(page.getByTestId('lane-iterative')).toHaveAttribute('data-status', 'running', { timeout: 30_000 });
  // The one that runs is stopped too when another is looked at.
  await strip.getByRole('button', { name: 'three.json, waiting' }).click();
  await expect(page.getByTestId('progress')).toContainText('Waits for the inputs before it');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  for (const name of ['two.json', 'three.json'])
    await expect(strip.getByRole('button', { name: `${name}, not run: stopped before its turn` })).toBeVisible();
  await expect(strip.getByRole('button', { name: 'one.json, running' })).toHaveCount(0, { timeout: 20_000 });
  await expect(strip.getByRole('button', { name: 'one.json, stopped' })).toBeVisible();
  await expect(page.getByTestId('not-run')).toContainText('2 were stopped before their turn');
  await page.getByRole('button', { name: 'Run these 2' }).click();
  await expect(strip.getByRole('button', { name: 'two.json, running' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId('not-run')).toHaveCount(0);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByTestId('not-run')).toContainText('One was stopped before its turn');
});
