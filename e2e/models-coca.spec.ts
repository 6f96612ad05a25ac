import { expect as within, type Page } from '@playwright/test';
import { amount } from '../models/units';
import { publishedModels } from '../server/families/published';
import { TestHub } from '../server/hub/test-hub';
import { expectAccessible, expectFits } from './accessible';
import { ports } from './ports';
import { test } from './studio';

// The four published CoCas as the catalog has them: what their cards say, and what the page says of a hub that holds
// files of their sizes. None is downloaded, so none has contents.
const expect = within.configure({ timeout: 30_000 });
const cards = [
  { name: 'coca-vit-b32', of: 'CoCa ViT-B/32, LAION-2B', repository: 'CoCa-ViT-B-32', bytes: 1_014e6 },
  { name: 'coca-vit-l14', of: 'CoCa ViT-L/14, LAION-2B', repository: 'CoCa-ViT-L-14', bytes: 2_554e6 },
  {
    name: 'coca-vit-b32-coco',
    of: 'CoCa ViT-B/32, fine-tuned on COCO',
    repository: 'mscoco_finetuned_CoCa-ViT-B-32',
    bytes: 1_014e6,
    refused: 'Its own contrastive half was lost in fine-tuning: CLIP ViT-B/32 scores its captions.',
  },
  {
    name: 'coca-vit-l14-coco',
    of: 'CoCa ViT-L/14, fine-tuned on COCO',
    repository: 'mscoco_finetuned_CoCa-ViT-L-14',
    bytes: 2_554e6,
    refused: 'Its own contrastive half is not to be trusted after fine-tuning: CLIP ViT-B/32 scores its captions.',
  },
] as const;
type Card = (typeof cards)[number];
const repositoryOf = ({ repository }: Card) => `laion/${repository}-laion2B-s13B-b90k`;
const clip = { repository: 'openai/clip-vit-base-patch32', bytes: 605e6 };
const licence = 'MIT (open_clip; weights of LAION)';
let hub: TestHub;

test.beforeAll(async () => {
  hub = await TestHub.start(ports.hub);
});
test.afterAll(() => hub.stop());
test.beforeEach(async ({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
  hub.licences.clear();
  hub.files.clear();
  hub.seen.length = 0;
  const large = (bytes: number) => ({ bytes, sha256: 'c0ca'.repeat(16), read: () => new Uint8Array() });
  for (const { repository, path } of publishedModels.find(({ name }) => name === 'clip-vit-b32')!.files)
    if (path.endsWith('.json')) hub.put(repository, path, '{}', { small: true });
    else hub.put(repository, path, large(clip.bytes));
  for (const card of cards)
    for (const { repository, path } of publishedModels.find(({ name }) => name === card.name)!.files)
      if (path.endsWith('.json')) hub.put(repository, path, '{}', { small: true });
      else hub.put(repository, path, large(card.bytes));
  await page.goto('/models');
  await expect(page.getByTestId('installed-pocket')).toBeVisible();
});
const cardOf = (page: Page, { name }: Card) => page.getByTestId(`published-${name}`);
const dialogOf = (page: Page) => page.getByTestId('pull-dialog');
async function ask(page: Page, card: Card) {
  await cardOf(page, card).getByRole('button', { name: /^Pull/ }).click();
  return dialogOf(page);
}

test('each CoCa has a card: licence, source, what it needs, and of a fine-tuned one what scores instead and why', async ({
  page,
}) => {
  for (const card of cards) {
    const shown = cardOf(page, card);
    await expect(shown.getByRole('heading')).toContainText(card.of);
    await shown.locator('h3').getByRole('button').press('Enter');
    const fact = (name: string) =>
      shown
        .locator('dl > div')
        .filter({ has: page.getByText(name, { exact: true }) })
        .locator('dd');
    await expect(fact('name')).toHaveText(card.name);
    await expect(fact('licence')).toHaveText(licence);
    await expect(fact('source')).toHaveText(`${repositoryOf(card)}, ${clip.repository}`);
    // Each lies in one place.
    await expect(fact('mirrors')).toHaveCount(0);
    await expect(fact('size')).toHaveText('the hub says before the download');
    await expect(fact('needs')).toHaveCount('refused' in card ? 1 : 0);
    const note = shown.getByText(
      'refused' in card ? card.refused : 'The repository has no configuration: it is built in.',
    );
    await expect(note).toBeHidden();
    await shown.getByText('note', { exact: true }).press('Enter');
    await expect(note).toBeVisible();
    if ('refused' in card) await expect(fact('needs')).toHaveText('clip-vit-b32 (pulled along)');
    await expect(shown.getByRole('link', { name: 'github.com/mlfoundations/open_clip' })).toBeVisible();
  }
  // ClipCap has a second place, and says so.
  await expect(page.getByTestId('published-clipcap-coco')).toContainText('Manbehindthemadness/conceptual_coco');
  await expectFits(page);
  await expectAccessible(page, 'cards with their notes open');
});

for (const card of cards)
  test(`${card.name} asks the hub for sizes and whose word the licence is, before anything is downloaded`, async ({
    page,
  }) => {
    hub.licences.set(repositoryOf(card), 'mit');
    const dialog = await ask(page, card);
    const step = dialog.getByRole('listitem').filter({ hasText: `as ${card.name}` });
    const weights = card.name === 'coca-vit-l14-coco' ? 'safetensors' : 'bin';
    await expect(step).toContainText(`${repositoryOf(card)} open_clip_pytorch_model.${weights}, ${amount(card.bytes)}`);
    await expect(step).toContainText(`${clip.repository} tokenizer.json`);
    // The hub says the same; of the CLIP that comes along it says nothing, and its authors do.
    await expect(step.getByText(`Licence: ${licence}`, { exact: true })).toBeVisible();
    const scorer = dialog.getByRole('listitem').filter({ hasText: 'as clip-vit-b32' });
    if ('refused' in card) {
      await expect(step).toContainText(`as ${card.name} on clip-vit-b32`);
      await expect(step).toContainText(card.refused);
      await expect(scorer).toContainText(
        'Licence: MIT (OpenAI CLIP), as https://github.com/openai/CLIP says; the hub states none',
      );
    } else await expect(scorer).toHaveCount(0);
    const all = card.bytes + ('refused' in card ? clip.bytes : 0);
    await expect(dialog).toContainText(`${amount(all)} to download; up to `);
    await page.keyboard.press('Escape');

    // A page that states none, or another, is told as it is.
    hub.licences.clear();
    await ask(page, card);
    await expect(step).toContainText(`Licence: ${licence}; the hub states none`);
    await page.keyboard.press('Escape');
    hub.licences.set(repositoryOf(card), 'cc-by-nc-4.0');
    await ask(page, card);
    await expect(step).toContainText(`Licence: ${licence}; the hub’s page states cc-by-nc-4.0`);
    await page.keyboard.press('Escape');

    // There is no second place to ask: the refusal names the one, and nothing can be downloaded.
    for (const path of [...hub.files.keys()]) if (path.startsWith(`${repositoryOf(card)}/`)) hub.files.delete(path);
    await ask(page, card);
    await expect(dialog.getByRole('alert')).toContainText(repositoryOf(card));
    await expect(dialog.getByRole('alert')).not.toContainText('mirrors');
    await expect(dialog.getByRole('button', { name: 'Download' })).toBeDisabled();
    expect(hub.downloads).toEqual([]);
  });
