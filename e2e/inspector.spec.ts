import { expect, type Page } from '@playwright/test';
import { expectAccessible, expectFits } from './accessible';
import { decoders, runSample } from './browser-pictures';
import { inspector, look } from './inspector';
import { test } from './studio';

const tabs = ['Words', 'Beams', 'Trace', 'Why', 'Time', 'Options'];
const lane = (page: Page, id: string) => page.getByTestId(`lane-${id}`);
const caption = (page: Page, id: string) => lane(page, id).getByTestId('caption');
const words = (page: Page, id: string) => caption(page, id).locator('.v-token');
const open = (page: Page, tab: string) => inspector(page).getByRole('tab', { name: tab, exact: true }).click();
const done = (page: Page, id: string) =>
  expect(lane(page, id)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('the keyboard alone goes from a caption to an alternative, back, and into a branch whose line it lands on', async ({
  page,
}) => {
  await runSample(page);
  const said = (await caption(page, 'clipcap').innerText()).split(' ');
  await page.keyboard.press('2');
  await page.keyboard.press('ArrowRight');
  const second = words(page, 'clipcap').nth(1);
  await expect(second).toBeFocused();
  await expect(second).toHaveAttribute('aria-current', 'true');
  // Who hears the page is told what stands there.
  await expect(inspector(page).getByRole('status')).toContainText(`Instead of ${said[1]}: `);
  await expect(inspector(page)).toContainText(`“${said[1]}”`);
  await page.keyboard.press('Enter');
  const alternatives = inspector(page).getByRole('button', { name: /^Continue from/ });
  await expect(alternatives.first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(alternatives.nth(1)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(second).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(alternatives.first()).toBeFocused();
  const word = (await alternatives.first().locator('.v-word').innerText()).trim();
  await page.keyboard.press('Enter');
  await expect(lane(page, 'clipcap-2')).toBeFocused();
  await done(page, 'clipcap-2');
  expect((await caption(page, 'clipcap-2').innerText()).split(' ').slice(0, 2)).toEqual([said[0], word]);
  await expect(inspector(page).getByLabel('Lane that is looked into')).toHaveValue('clipcap-2');
  await expect(caption(page, 'clipcap')).toHaveText(said.join(' '));
  // What is given is told from what was chosen.
  await expect(caption(page, 'clipcap-2').locator('.v-forced')).toHaveCount(2);

  // It is part of the comparison: its address shows it again.
  const branch = await caption(page, 'clipcap-2').innerText();
  await page.reload();
  await done(page, 'clipcap-2');
  await expect(caption(page, 'clipcap-2')).toHaveText(branch);
});

test('the words of the inspector are walked too, and follow the caption; the tab stays from lane to lane', async ({
  page,
  openSample,
}) => {
  await openSample(page);
  await words(page, 'decap').nth(2).click();
  const list = inspector(page).getByRole('group', { name: 'Words of the caption' }).getByRole('button');
  await expect(list).toHaveCount(await words(page, 'decap').count());
  await expect(list.nth(2)).toHaveAttribute('aria-current', 'true');
  await list.nth(2).press('ArrowDown');
  await expect(list.nth(3)).toBeFocused();
  await expect(words(page, 'decap').nth(3)).toHaveAttribute('aria-current', 'true');
  await list.nth(3).press('Enter');
  await expect(
    inspector(page)
      .getByRole('button', { name: /^Continue from/ })
      .first(),
  ).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(list.nth(3)).toBeFocused();

  const tab = (name: string) => inspector(page).getByRole('tab', { name, exact: true });
  await tab('Words').focus();
  await page.keyboard.press('ArrowRight');
  await expect(tab('Beams')).toBeFocused();
  await expect(tab('Beams')).toHaveAttribute('aria-selected', 'true');
  for (const id of ['coca', 'clipcap', 'iterative']) {
    await words(page, id).nth(1).click();
    await expect(inspector(page).getByLabel('Lane that is looked into')).toHaveValue(id);
    await expect(tab('Beams')).toHaveAttribute('aria-selected', 'true');
    // The step of the word that is selected.
    await expect(inspector(page).getByRole('slider', { name: 'Step of the search' })).toHaveAttribute(
      'aria-valuenow',
      '2',
    );
  }
});

test('nothing ever lies over a caption, whatever is pointed at, pressed or looked into', async ({
  page,
  openSample,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await openSample(page);
  const covered = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('[data-testid=caption] .v-token')].flatMap((chip) => {
        const { x, y, width, height } = chip.getBoundingClientRect();
        const [left, top] = [x + width / 2, y + height / 2];
        if (!width || top < 0 || top > innerHeight) return [];
        const found = document.elementFromPoint(left, top);
        return chip.contains(found) ? [] : [`${chip.textContent} by ${found?.className}`];
      }),
    );
  for (const id of ['clipcap', 'coca']) {
    const word = words(page, id).nth(1);
    await word.hover();
    expect(await covered(), 'pointed at').toEqual([]);
    await word.click();
    expect(await covered(), 'pressed').toEqual([]);
    await page.keyboard.press('Enter');
    expect(await covered(), 'its alternatives').toEqual([]);
    await expectFits(page);
  }
});

test('every tab tells its part, is as wide as its place, and has nothing for axe to find, in both themes', async ({
  page,
  openSample,
}) => {
  test.slow();
  await page.setViewportSize({ width: 1440, height: 900 });
  await openSample(page);
  await words(page, 'coca').nth(1).click();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const tab of tabs) {
      await open(page, tab);
      await expect(inspector(page).getByRole('tabpanel', { name: tab })).not.toBeEmpty();
      await expect(inspector(page)).not.toContainText('Fetching this view');
      await expectFits(page, tab);
      // What is wide scrolls in a place of its own, never the panel.
      const over = await inspector(page)
        .getByRole('tabpanel')
        .evaluate((panel) => panel.scrollWidth - panel.clientWidth);
      expect(over, tab).toBeLessThanOrEqual(0);
      await expectAccessible(page, `${tab}, ${colorScheme}`);
    }
  }
  // All words' maps at once, that of the chosen one large.
  await open(page, 'Why');
  const maps = inspector(page).getByRole('group', { name: 'Word of the caption' }).getByRole('button');
  await expect(maps.nth(1)).toHaveAttribute('aria-pressed', 'true');
  await maps.nth(2).click();
  await expect(words(page, 'coca').nth(2)).toHaveAttribute('aria-current', 'true');
  const word = (await words(page, 'coca').nth(2).innerText()).trim();
  await expect(inspector(page).getByRole('img', { name: `Where CoCa looked for “${word}”` })).toBeVisible();
  await expect(inspector(page)).toContainText('Trained on images and captions, jointly');
});

test('on a narrow screen the inspector is a sheet that remembers its tab and gives the focus back', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await runSample(page);
  await expect(inspector(page)).toHaveCount(0);
  const word = words(page, 'clipcap').nth(1);
  await word.focus();
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog', { name: 'Inspector' });
  await expect(sheet.getByRole('button', { name: /^Continue from/ }).first()).toBeFocused();
  await expectFits(page);
  await sheet.getByRole('tab', { name: 'Trace' }).click();
  await expect(sheet.getByRole('img', { name: /cosine to the input by token/ })).toBeVisible();
  await expectAccessible(page, 'sheet');
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
  await expect(word).toBeFocused();
  await page.getByRole('button', { name: 'Look inside ClipCap' }).click();
  await expect(sheet.getByRole('tab', { name: 'Trace' })).toHaveAttribute('aria-selected', 'true');
  for (const tab of tabs) {
    await sheet.getByRole('tab', { name: tab, exact: true }).click();
    await expectFits(page, tab);
  }
  // A branch from the sheet closes it, and the focus lands on the new line.
  await sheet.getByRole('tab', { name: 'Words' }).click();
  await sheet
    .getByRole('button', { name: /^Continue from/ })
    .first()
    .click();
  await expect(sheet).toHaveCount(0);
  await expect(lane(page, 'clipcap-2')).toBeFocused();
  await done(page, 'clipcap-2');
});

test('an option that was changed shows it, is put back alone, and tells what the run after it changed', async ({
  page,
}) => {
  await runSample(page);
  const before = (await caption(page, 'clipcap').innerText()).replace('■', '').trim();
  await look(page, 'clipcap');
  await open(page, 'Options');
  const panel = inspector(page).getByRole('tabpanel', { name: 'Options' });
  await expect(panel.getByTestId('changes')).toHaveCount(0);
  const beams = panel.getByLabel('Beams', { exact: true });
  const back = panel.getByRole('button', { name: /^Beams: back to its default/ });
  await expect(back).toHaveCount(0);
  await beams.fill('2');
  await back.click();
  await expect(beams).toHaveValue('');
  await expect(beams).toBeFocused();
  // The rest stands behind one press, and what was changed there is counted.
  await expect(panel.getByLabel('Length penalty', { exact: true })).toBeHidden();
  await panel.getByText('More', { exact: true }).click();
  await panel.getByLabel('Length penalty', { exact: true }).fill('0');
  await expect(panel.getByText('More (1 changed)')).toBeVisible();
  await panel.getByLabel('Longest caption', { exact: true }).fill('4');
  await panel.getByRole('button', { name: 'Run this lane' }).click();
  const changes = panel.getByTestId('changes');
  await expect(changes).toContainText(/lengthPenalty \S+ → 0/, { timeout: 60_000 });
  await expect(changes).toContainText(/maxTokens \S+ → 4/);
  const after = (await caption(page, 'clipcap').innerText()).replace('■', '').trim();
  const gone = await changes.locator('del').count();
  const added = await changes.locator('ins').count();
  // What went and what came is the difference of the two captions.
  expect(before.split(/\s+/).length - gone).toBe(after.split(/\s+/).length - added);
  expect(gone).toBeGreaterThan(0);
});

test('what was not recorded says so, and one press runs the lane again with it', async ({ page }) => {
  await runSample(page);
  await look(page, 'clipcap');
  await open(page, 'Options');
  const panel = inspector(page).getByRole('tabpanel');
  await panel.getByText('More', { exact: true }).click();
  await panel.getByRole('checkbox', { name: 'Tell what lies behind' }).uncheck();
  await panel.getByRole('checkbox', { name: 'Trace the cosine' }).uncheck();
  await panel.getByRole('button', { name: 'Run this lane' }).click();
  await expect(panel.getByTestId('changes')).toContainText('insight true → false', { timeout: 60_000 });
  await open(page, 'Trace');
  await expect(panel).toContainText('ClipCap has no cosines');
  await open(page, 'Why');
  await expect(panel).toContainText('the lane’s option insight was off');
  await expectAccessible(page, 'nothing recorded');
  await panel.getByRole('button', { name: 'Turn it on and run the lane again' }).click();
  await expect(panel).toContainText('nearest words', { timeout: 60_000 });
});

test('a sweep of three values runs three lanes of one group, named by what differs', async ({ page }) => {
  await runSample(page);
  await look(page, 'clipcap');
  await open(page, 'Options');
  const panel = inspector(page).getByRole('tabpanel');
  await panel.getByText('Sweep: one option, several values').click();
  await panel.getByLabel('Option to sweep').selectOption('beam');
  const values = panel.getByLabel('Its values');
  const run = panel.getByRole('button', { name: /^Run \d+ lanes?$/ });
  await values.fill('1, 99');
  await expect(panel).toContainText('99 is outside 1 to 32.');
  await values.fill('1..20');
  await expect(panel).toContainText('16 lanes are the most: take 9 values away');
  await expect(run).toBeDisabled();
  await values.fill('1, 2, 3');
  await expectAccessible(page, 'sweep');
  await run.click();
  for (const beam of [1, 2, 3]) {
    await done(page, `clipcap..beam.${beam}`);
    await expect(lane(page, `clipcap..beam.${beam}`).getByRole('heading')).toHaveText(`ClipCap · beam ${beam}`);
  }
  const order = await page
    .getByTestId('lanes')
    .locator('[data-testid^=lane-]')
    .evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset.testid!));
  expect(order.filter((id) => id.includes('clipcap'))).toEqual(
    ['clipcap', ...[1, 2, 3].map((beam) => `clipcap..beam.${beam}`)].map((id) => `lane-${id}`),
  );
  // They are lanes of the comparison like others: its address shows them again.
  await page.reload();
  for (const id of [...decoders, 'clipcap..beam.1', 'clipcap..beam.3']) await done(page, id);
});
