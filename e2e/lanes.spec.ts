import { expect, type Page } from '@playwright/test';
import { expectAccessible } from './accessible';
import { decoders, runSample } from './browser-pictures';
import { inspector, look, optionsOf } from './inspector';
import { test } from './studio';

const lane = (page: Page, id: string) => page.getByTestId(`lane-${id}`);
const caption = (page: Page, id: string) => lane(page, id).getByTestId('caption');
const done = (page: Page, id: string) =>
  expect(lane(page, id)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('lanes are duplicated, set up, run alone, moved and removed', async ({ page }) => {
  await runSample(page);
  const said = await caption(page, 'decap').innerText();
  await page.getByRole('button', { name: 'More for DeCap', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  const twin = lane(page, 'decap-2');
  await expect(twin).toHaveAttribute('data-status', 'idle');
  const settings = await optionsOf(page, 'decap-2');
  await settings.panel.getByLabel('Preset').selectOption('DeCap τ=0.01');
  await expect(settings.option('tau')).toHaveValue('0.01');
  await twin.getByRole('button', { name: 'Run DeCap 2 alone' }).click();
  await done(page, 'decap-2');
  await expect(caption(page, 'decap')).toHaveText(said);

  const order = () =>
    page
      .getByTestId('lanes')
      .locator('[data-testid^=lane-]')
      .evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset.testid));
  expect(await order()).toEqual([
    'lane-iterative',
    'lane-clipcap',
    'lane-capdec',
    'lane-decap',
    'lane-decap-2',
    'lane-coca',
  ]);
  await page.keyboard.press('5');
  await page.keyboard.press('[');
  await expect
    .poll(order)
    .toEqual(['lane-iterative', 'lane-clipcap', 'lane-capdec', 'lane-decap-2', 'lane-decap', 'lane-coca']);
  await page.getByRole('button', { name: 'More for DeCap 2' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await expect(twin).toHaveCount(0);
  // The bench is kept for the next visit.
  await page.getByRole('button', { name: 'Lane', exact: true }).click();
  await page.getByRole('menuitem', { name: 'CoCa' }).press('ArrowRight');
  await page.getByRole('menuitem', { name: 'Greedy' }).press('Enter');
  await page.goto('/');
  await expect(lane(page, 'coca-2')).toBeVisible();
});

test('a lane shows the options of its search alone; what is out of sight keeps its value', async ({ page }) => {
  await page.goto('/');
  // Before the first input each lane says where it runs, and its menu shows its options.
  await page.getByRole('button', { name: 'More for CoCa' }).click();
  await page.getByRole('menuitem', { name: 'Options' }).click();
  await expect(inspector(page).getByRole('tab', { name: 'Options' })).toHaveAttribute('aria-selected', 'true');
  const { panel, option } = await optionsOf(page, 'coca');
  await option('lengthPenalty').fill('0.2');
  for (const name of ['temperature', 'topK', 'topP', 'samples', 'seed', 'candidates', 'guidance'])
    await expect(option(name)).toHaveCount(0);
  await expect(panel).toContainText('Keeps the likeliest beginnings side by side');
  await option('search').selectOption('sample');
  for (const name of ['beam', 'lengthPenalty', 'guidance']) await expect(option(name)).toHaveCount(0);
  await expect(panel).toContainText('Draws each token by its probability');
  await option('temperature').fill('0.7');
  await expect(panel).toContainText('0.05 to 5, default 1.');
  await option('search').selectOption('beam');
  await expect(option('lengthPenalty')).toHaveValue('0.2');
  await option('search').selectOption('sample');
  await expect(option('temperature')).toHaveValue('0.7');
  // The authors' own way decides about the search itself.
  const decap = await optionsOf(page, 'decap');
  await decap.option('mode').selectOption('decap-1c26934');
  for (const name of ['search', 'tau', 'project', 'maxTokens']) await expect(decap.option(name)).toHaveCount(0);
});

test('every panel tells how the caption came to be, without a model once it is stored', async ({
  page,
  openSample,
}) => {
  await openSample(page);
  await page.reload();
  for (const decoder of decoders) await done(page, decoder);
  const panel = inspector(page).getByRole('tabpanel');

  const words = panel.getByRole('group', { name: 'Words of the caption' }).getByRole('button');
  await expect(words.last()).toContainText('end');
  await look(page, 'iterative', 'Beams');
  await expect(panel).toContainText(/weighed, \d+ kept/);
  const slider = panel.getByRole('slider', { name: 'Step of the search' });
  const last = Number(await slider.getAttribute('aria-valuenow'));
  expect(last).toBeGreaterThan(2);
  await slider.press('ArrowLeft');
  await expect(slider).toHaveAttribute('aria-valuenow', String(last - 1));
  // The iterative decoder's candidates have both scores.
  await expect(panel.getByRole('columnheader', { name: 'cos' })).toBeVisible();
  await expect(panel.getByRole('columnheader', { name: 'lp' })).toBeVisible();
  await look(page, 'clipcap', 'Trace');
  await expect(panel.getByRole('img', { name: /cosine to the input by token.*ClipCap ends at/ })).toBeVisible();
  await panel.getByRole('button', { name: 'entropy' }).click();
  await expect(panel.getByRole('img', { name: /^entropy by token/ })).toBeVisible();
  await look(page, 'decap', 'Why');
  await expect(panel).toContainText('Sentences of the memory');
  await look(page, 'clipcap');
  await expect(panel).toContainText('nearest words');
  await look(page, 'capdec');
  await expect(panel).toContainText('modality offset');
  await expect(panel).toContainText('noisy copies');
  await look(page, 'coca');
  await expect(panel.getByRole('img', { name: /Where CoCa looked for/ })).toBeVisible();
  await look(page, 'clipcap', 'Time');
  await expect(panel.getByRole('row', { name: /ClipCap/ }).first()).toContainText(/ms|s/);
  await expectAccessible(page);
});

test('a decode is wound back and played, all lanes in step', async ({ page, openSample }) => {
  await openSample(page);
  const whole = await caption(page, 'coca').innerText();
  const numbers = () => page.locator('[data-column]').allInnerTexts();
  const reached = await numbers();
  expect(reached.length).toBeGreaterThan(5);
  const scrub = page.getByRole('slider', { name: 'Step of the decode' });
  await scrub.fill('2');
  for (const decoder of decoders)
    await expect
      .poll(async () => (await caption(page, decoder).innerText()).trim().split(/\s+/).length, decoder)
      .toBeLessThanOrEqual(2);
  // It is a replay, and what was reached in the end stays: states and numbers.
  for (const decoder of decoders) {
    await expect(lane(page, decoder)).toContainText(/replay, step 2 of \d+/);
    await expect(lane(page, decoder)).toHaveAttribute('data-status', 'done');
  }
  expect(await numbers()).toEqual(reached);
  await page.getByLabel('Speed of the replay').selectOption('4');
  await page.getByRole('button', { name: 'Play the replay' }).click();
  await expect(caption(page, 'coca')).toHaveText(whole, { timeout: 30_000 });
  await expect(page.getByRole('button', { name: 'Play the replay' })).toBeVisible();
});

test('the lines are sorted, leave out of the ranking what optimised the cosine, and are scored against references', async ({
  page,
}) => {
  await runSample(page);
  const table = page.getByRole('table', { name: 'All lanes compared' });
  await expect(page.getByText('Referee: cosine in the joint space pocket')).toBeVisible();
  await table.getByRole('button', { name: 'cos' }).click();
  await expect(table.getByRole('columnheader', { name: 'cos' })).toHaveAttribute('aria-sort', 'descending');
  // Three lanes chose their caption by that very number: they stand last, and none is the best.
  const rows = table.locator('[data-testid^=lane-]');
  const cosine = (n: number) => rows.nth(n).locator('[data-column=cos]');
  for (const n of [0, 1]) await expect(cosine(n)).not.toContainText('optimised');
  for (const n of [2, 3, 4]) {
    await expect(cosine(n)).toContainText('optimised');
    await expect(cosine(n)).not.toContainText('(best)');
  }
  await page.getByText('Score against reference captions').click();
  await page
    .getByLabel('Reference captions')
    .fill('a brown dog runs over the grass\na dog chases a red ball in a field');
  await expect(table.getByRole('columnheader', { name: /CIDEr-D/ })).toBeVisible();
  await expect(table.getByRole('columnheader', { name: /ROUGE-L/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'ROUGE-L' }).check();
  await expect(table.getByRole('columnheader', { name: /ROUGE-L/ })).toBeVisible();
  await expect(page.getByText(/sentences of pocket’s text memory/)).toBeVisible();
  // A file of the field gives them too, and says what it left out; one of other images is refused in words.
  const file = (name: string, content: unknown) =>
    page
      .getByLabel('File to take them from')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(content)) });
  await file('captions_val2014.json', {
    images: [{ id: 1, file_name: 'one.jpg' }],
    annotations: ['a dog on grass', 'the dog', ''].map((caption) => ({ image_id: 1, caption })),
  });
  await expect(page.getByLabel('Reference captions')).toHaveValue('a dog on grass\nthe dog');
  await expect(page.getByText('captions_val2014.json: 1 empty caption is left out (annotation 3).')).toBeVisible();
  await expect(page.getByText('Scored against 2 reference captions')).toBeVisible();
  await file('others.json', { 'a.jpg': ['a cat'], 'b.jpg': ['a cow'] });
  await expect(page.getByText(/others\.json has references of 2 images/)).toBeVisible();
  await expect(page.getByLabel('Reference captions')).toHaveValue('a dog on grass\nthe dog');
  // Every word is marked by how many of the five captions say it.
  await page.getByRole('button', { name: 'Shared words' }).click();
  const words = await rows.evaluateAll((all) =>
    all.map((row) =>
      [...row.querySelectorAll('.v-all, .v-some, .v-alone')].map((word) => ({
        word: word.textContent!,
        mark: word.className,
      })),
    ),
  );
  expect(words.map((row) => row.length > 0)).toEqual([true, true, true, true, true]);
  const shared = (word: string) => words.filter((row) => row.some((one) => one.word === word)).length;
  for (const { word, mark } of words.flat())
    expect(`${word}: ${mark}`).toBe(
      `${word}: ${shared(word) === 5 ? 'v-all' : shared(word) > 1 ? 'v-some' : 'v-alone'}`,
    );
});
