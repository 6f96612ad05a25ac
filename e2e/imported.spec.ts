import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect as within, type Page } from '@playwright/test';
import { clipShapes } from '../models/weights/import/clip';
import { gpt2Tensors } from '../models/weights/import/gpt2';
import { clipLikeTokenizer, gpt2LikeTokenizer, vitB32 } from '../server/bench/catalog/checkpoints';
import { smallPublishedFamily } from '../server/families/small-published';
import { captions, chooseDevice, choosePicture, finished, giveWrongKernel, leaveLanes } from './browser-pictures';
import { writeRandomCheckpoint } from './published-checkpoint';
import { removeFamily } from './remove-family';
import { test } from './studio';

// Pages of a busy machine take their time.
const expect = within.configure({ timeout: 30_000 });
const name = 'small-published';
const lanes = ['iterative', 'clipcap', 'capdec', 'decap'];
const folder = join(tmpdir(), `studio-imported-${process.pid}`);

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two beams of a few words run every network as often as it takes to differ; a software adapter is slow. */
const short = { beam: 2, maxTokens: 6, candidates: 4 };

async function openWith(page: Page, of: readonly string[], device?: RegExp): Promise<void> {
  await leaveLanes(page, of, short);
  await page.goto('/');
  await page.getByRole('combobox', { name: 'Family', exact: true }).selectOption(name);
  await expect(page.locator('[data-testid^="lane-"]')).toHaveCount(of.length);
  if (device) await chooseDevice(page, 'Device of all lanes', device);
}

test('a family of published architectures, imported on the server, says the same there, on WASM and on WebGPU, and not on a GPU with a wrong kernel', async ({
  page,
  context,
}) => {
  test.setTimeout(300_000);
  mkdirSync(folder, { recursive: true });
  const paths = Object.entries(smallPublishedFamily(name)).map(([path, bytes]) => {
    writeFileSync(join(folder, path), bytes);
    return join(folder, path);
  });
  await page.goto('/models');
  await page.getByLabel('Kind of checkpoint').selectOption('family');
  await page.getByLabel('Files on this machine').fill(paths.join('\n'));
  await page.getByLabel('Name of the family').fill(name);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const installed = page.getByTestId(`installed-${name}`);
  await expect(installed).toContainText('iterative, clipcap, capdec, decap');

  await openWith(page, lanes);
  await choosePicture(page);
  await finished(page, lanes);
  const said = await captions(page);
  expect(said).toHaveLength(lanes.length);
  for (const caption of said) expect(caption).toMatch(/\w{12,}/);

  // A software adapter is slow: on it each network once, in the order of the page.
  for (const [device, some] of [
    [/WASM/, lanes],
    [/WebGPU/, ['iterative', 'clipcap', 'decap']],
  ] satisfies [RegExp, string[]][]) {
    await openWith(page, some, device);
    await choosePicture(page);
    await expect(page).toHaveURL(/\/local/);
    await finished(page, some, 120_000);
    expect(await captions(page)).toEqual(said.filter((_, i) => some.includes(lanes[i]!)));
  }

  // Its golden answers were computed when it was imported.
  await giveWrongKernel(context);
  await openWith(page, ['clipcap'], /WebGPU/);
  await choosePicture(page);
  await expect(page.getByTestId('lane-clipcap')).toContainText('instead of WebGPU: its self-check failed (', {
    timeout: 120_000,
  });
  await finished(page, ['clipcap'], 120_000);
  expect(await captions(page)).toEqual([said[lanes.indexOf('clipcap')]]);

  await removeFamily(page, name);
});

/** 600 MB cross over to the browser, of networks that the test above runs there: the long proof does that too. */
const inBrowserToo = process.env.STUDIO_RAW_CHECKPOINTS === '1';

test(`raw checkpoints of CLIP ViT-B/32 and ClipCap, imported on the page, caption on the server${inBrowserToo ? ' and on WASM alike' : ''}`, async ({
  page,
}) => {
  test.setTimeout(300_000);
  const made = join(folder, 'raw');
  mkdirSync(made, { recursive: true });
  const at = (path: string) => join(made, path);
  for (const path of ['clip', 'clipcap']) mkdirSync(at(path));
  writeRandomCheckpoint(at('clip/ViT-B-32.safetensors'), clipShapes(vitB32), 1);
  writeFileSync(at('clip/tokenizer.json'), clipLikeTokenizer());
  // Published in every size but two, which the importer reads from the file: one layer instead of twelve, two prefix
  // tokens instead of ten.
  const clipcap = new Map(
    [...gpt2Tensors({ width: 768, layers: 1, vocabulary: 50257, positions: 1024 })].map(([name, dims]) => [
      `gpt.${name}`,
      dims,
    ]),
  );
  clipcap
    .set('clip_project.model.0.weight', [768, 512])
    .set('clip_project.model.0.bias', [768])
    .set('clip_project.model.2.weight', [1536, 768])
    .set('clip_project.model.2.bias', [1536]);
  writeRandomCheckpoint(at('clipcap/coco_weights.safetensors'), clipcap, 2);
  writeFileSync(at('clipcap/tokenizer.json'), gpt2LikeTokenizer());

  const importAs = async (kind: string, name: string, files: readonly string[]) => {
    await page.goto('/models');
    await page.getByLabel('Kind of checkpoint').selectOption(kind);
    await page.getByLabel('Files on this machine').fill(files.map(at).join('\n'));
    await page.getByLabel('Name of the family').fill(name);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(page.getByTestId(`installed-${name}`)).toBeVisible({ timeout: 60_000 });
  };
  await importAs('clip-vit-b32', 'raw-clip', ['clip/ViT-B-32.safetensors', 'clip/tokenizer.json']);
  await importAs('clipcap-mlp', 'raw-clipcap', ['clipcap/coco_weights.safetensors', 'clipcap/tokenizer.json']);

  const caption = async (device: RegExp) => {
    await page.goto('/');
    await page.getByRole('combobox', { name: 'Family', exact: true }).selectOption('raw-clipcap');
    await expect(page.getByTestId('lane-coca')).toHaveCount(0);
    await chooseDevice(page, 'Device of all lanes', device);
    await choosePicture(page);
    await finished(page, ['clipcap'], 120_000);
    return captions(page);
  };
  const said = await caption(/Server/);
  expect(said).toHaveLength(1);
  expect(new Set(said[0]!.split(' ')).size).toBeGreaterThan(5);
  if (inBrowserToo) {
    expect(await caption(/WASM/)).toEqual(said);
    await expect(page.getByTestId('lane-clipcap')).toContainText('wasm');
  }

  await page.goto('/models');
  for (const name of ['raw-clipcap', 'raw-clip']) {
    const installed = page.getByTestId(`installed-${name}`);
    await installed.locator('h3').getByRole('button').click();
    await installed.getByRole('button', { name: `Remove ${name}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(page.getByTestId(`installed-${name}`)).toHaveCount(0);
  }
});
