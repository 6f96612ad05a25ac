import { expect, type Page } from '@playwright/test';

/** Opens a family's line on the page Models, and removes it there. */
export async function removeFamily(page: Page, name: string): Promise<void> {
  await page.goto('/models');
  const installed = page.getByTestId(`installed-${name}`);
  await installed.locator('h3').getByRole('button').click();
  await installed.getByRole('button', { name: `Remove ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(installed).toHaveCount(0);
}
