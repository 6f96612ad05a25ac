import { expect, type Page } from '@playwright/test';
import { look, optionsOf } from './inspector';
import { test } from './studio';

const decoders = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'];
const lane = (page: Page, id: string) => page.getByTestId(`lane-${id}`);
const done = (page: Page, id: string) =>
  expect(lane(page, id)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
async function runSample(page: Page) {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  for (const decoder of decoders) await done(page, decoder);
}

test('a comparison opens again with its lanes as they were left', async ({ page }) => {
  await runSample(page);
  await page.getByRole('button', { name: 'More for CapDec' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'More for CoCa' }).click();
  await page.getByRole('menuitem', { name: 'Move before' }).click();
  // What was measured is told where it is decided.
  const decap = await optionsOf(page, 'decap');
  await expect(decap.panel).toContainText(/Measured on this family: 0\.\d+ without, 0\.\d+ with .*it helps/);
  await decap.option('tau').fill('0.1');
  await page.getByRole('button', { name: 'Lane', exact: true }).click();
  await page.getByRole('menuitem', { name: 'ClipCap' }).press('ArrowRight');
  await page.getByRole('menuitem', { name: 'Greedy' }).press('Enter');
  const order = () =>
    page
      .getByTestId('lanes')
      .locator('[data-testid^=lane-]')
      .evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset.testid));
  const left = ['lane-iterative', 'lane-clipcap', 'lane-coca', 'lane-decap', 'lane-clipcap-2'];
  await expect.poll(order).toEqual(left);

  await page.reload();
  await done(page, 'clipcap');
  await expect.poll(order).toEqual(left);
  await expect(lane(page, 'clipcap-2')).toHaveAttribute('data-status', 'idle');
  await look(page, 'decap', 'Options');
  await expect(decap.option('tau')).toHaveValue('0.1');
  await expect((await look(page, 'clipcap-2')).getByLabel('Preset')).toHaveValue('Greedy');
});

test('the tree draws who was dropped, and the arrow keys tell what became of each', async ({ page, openSample }) => {
  await openSample(page);
  await look(page, 'clipcap', 'Beams');
  const tree = page.getByRole('slider', { name: 'Step of the search' });
  const fates = (fate: string) => tree.locator(`[data-fate=${fate}]`);
  await expect(fates('dropped').first()).toBeVisible();
  // The way of the caption: one node a step of it.
  const words = (await lane(page, 'clipcap').locator('.v-token').count()) || 1;
  expect(await fates('won').count()).toBeGreaterThanOrEqual(words);
  // What is told first is the caption itself, though its search went on.
  await expect(page.getByTestId('beam-said')).toContainText(
    `“${(await lane(page, 'clipcap').getByTestId('caption').innerText()).replace('■', '').trim()} ■”`,
  );
  await tree.focus();
  await page.keyboard.press('Home');
  for (let n = 0; n < 12; n++) await page.keyboard.press('ArrowDown');
  await expect(tree).toHaveAttribute(
    'aria-valuetext',
    /^Step 1 of \d+, candidate 10 of 10: .*: dropped; lp .*the last one kept had/,
  );
  await expect(page.getByTestId('beam-said')).toContainText('dropped');
  await page.getByLabel('Dropped, drawn').selectOption('0');
  await expect(fates('dropped')).toHaveCount(0);
});

test('a photo less one text plus another is decoded; a photo comes from the camera; an address of this machine is refused in words', async ({
  page,
  context,
  baseURL,
}) => {
  await context.grantPermissions(['camera'], { origin: baseURL });
  await runSample(page);
  await page.getByText('Add and take away meanings').click();
  await page.getByLabel('Text of term 2').fill('a dog');
  await page.getByLabel('Text of term 3').fill('a man on a bicycle');
  await page.getByLabel('Weight of term 2').fill('0.5');
  const before = page.url();
  await page.getByRole('button', { name: 'Decode the sum' }).click();
  await expect(page).not.toHaveURL(before, { timeout: 30_000 });
  await expect(
    page.getByRole('img', { name: /The embedding sample picture − 0\.5 × “a dog” \+ “a man on a bicycle”/ }),
  ).toBeVisible();
  await done(page, 'decap');
  await expect(lane(page, 'coca')).toHaveAttribute('data-status', 'unfit');
  await expect(lane(page, 'decap').getByTestId('caption')).toContainText(/man|bi|person|rid/);

  await page.getByRole('button', { name: 'Camera' }).click();
  await page.getByRole('button', { name: 'Take the photo' }).click();
  await expect(page.getByTestId('photo')).toBeVisible({ timeout: 30_000 });
  await done(page, 'coca');

  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'http://127.0.0.1:9/dog.jpg');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await expect(page.getByTestId('problem')).toContainText('127.0.0.1 is an address of this machine or its own network');
  await expect(page.getByTestId('problem')).toContainText('STUDIO_ADDRESSES=any');
});
