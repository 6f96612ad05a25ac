import { expect } from '@playwright/test';
import { expectClean } from './accessible';
import { picture } from './browser-pictures';
import { test } from './studio';

test('a key for a program is made, lets it in as its maker, and is nothing once it is revoked', async ({
  page,
  studio,
}) => {
  await page.goto('/programs');
  await expect(page.getByText('Others can reach this studio, so a program needs a key')).toBeVisible();
  await page.getByLabel('What the key is for').fill('alt texts');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const key = await page.getByTestId('program-key').inputValue();
  const ask = async (headers: Record<string, string>) =>
    fetch(`${studio}/api/v1/caption`, {
      method: 'POST',
      headers: { 'content-type': 'image/png', ...headers },
      body: new Uint8Array(await picture()),
    });
  expect((await ask({})).status).toBe(401);
  const answer = await ask({ authorization: `Bearer ${key}` });
  expect(answer.status).toBe(200);
  const { lanes } = (await answer.json()) as { lanes: { caption: string }[] };
  expect(lanes.map(({ caption }) => caption.split(' ').length > 2)).toEqual([true, true, true, true, true]);

  await page.reload();
  const kept = page.getByRole('list', { name: 'Keys for programs' });
  await expect(kept).toContainText('alt texts');
  await expect(kept).toContainText('1 request');
  await expect(page.getByTestId('program-key')).toHaveCount(0);
  await page.getByRole('button', { name: 'Revoke the key “alt texts”' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'is revoked' })).toBeVisible();
  expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(401);
});

for (const theme of ['light', 'dark'] as const)
  test(`for programs, ${theme}: no accessibility violation, nothing sticks out`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto('/programs');
    await page.locator('summary').first().click();
    await expect(page.getByText('What is sent, as JSON').first()).toBeVisible();
    await expectClean(page, `for programs, ${theme}`);
  });
