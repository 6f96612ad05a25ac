import { expect } from '@playwright/test';
import sharp from 'sharp';
import { test } from './studio';

const photo = async (name: string, color: string) => ({
  name,
  mimeType: 'image/png',
  buffer: await sharp({ create: { width: 80, height: 60, channels: 3, background: color } })
    .png()
    .toBuffer(),
});

test('stopping a batch says of each photo that it did not run, and runs those that are wanted after all', async ({
  page,
}) => {
  await page.goto('/');
  await page
    .getByLabel('Photo file')
    .setInputFiles([
      await photo('one.png', '#4c8b3b'),
      await photo('two.png', '#d9b26a'),
      await photo('three.png', '#8ec5f0'),
    ]);
  const strip = page.getByTestId('strip');
  await expect(page.getByTestId('lane-iterative')).toHaveAttribute('data-status', 'running', { timeout: 30_000 });
  // The one that runs is stopped too when another is looked at.
  await strip.getByRole('button', { name: 'three.png, waiting' }).click();
  await expect(page.getByTestId('progress')).toContainText('Waits for the inputs before it');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  for (const name of ['two.png', 'three.png'])
    await expect(strip.getByRole('button', { name: `${name}, not run: stopped before its turn` })).toBeVisible();
  await expect(strip.getByRole('button', { name: 'one.png, running' })).toHaveCount(0, { timeout: 20_000 });
  await expect(strip.getByRole('button', { name: 'one.png, stopped' })).toBeVisible();
  await expect(page.getByTestId('not-run')).toContainText('2 were stopped before their turn');
  await page.getByRole('button', { name: 'Run these 2' }).click();
  await expect(strip.getByRole('button', { name: 'two.png, running' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId('not-run')).toHaveCount(0);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByTestId('not-run')).toContainText('One was stopped before its turn');
});
