import { expect } from '@playwright/test';
import { choosePicture, finished, openInBrowser } from './browser-pictures';
import { type AskEngine, giveEngine } from './engine-worker';
import { test } from './studio';
import { watchMemory } from './tab-memory';

test('200 captions in one tab leave no tensor and hardly any memory', async ({ page }) => {
  test.setTimeout(240_000);
  await giveEngine(page);
  const memory = await watchMemory(page);
  await page.goto('/');
  await page.evaluate(async () => {
    const { askEngine } = globalThis as unknown as { askEngine: AskEngine };
    await askEngine('open', { device: 'wasm', precision: 'fp32' });
  });
  const captionPictures = (count: number) =>
    page.evaluate(async (count) => {
      const { askEngine } = globalThis as unknown as { askEngine: AskEngine };
      const lanes = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'].map((decoder) => ({
        id: decoder,
        decoder,
        options: { maxTokens: 4, beam: 2 },
      }));
      for (let n = 0; n < count; n++) {
        const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * (7 + (n % 10))) % 256);
        await askEngine('compare', {
          family: 'pocket',
          input: { kind: 'image', image: { width: 64, height: 64, data } },
          lanes,
        });
      }
      return (await askEngine('status', undefined)).liveTensors;
    }, count);
  await captionPictures(10);
  const before = await memory();
  const liveTensors = await captionPictures(40);
  const after = await memory();
  console.log(
    `memory of the tab: ${(before / 1e6).toFixed(1)} MB after 50 captions, ${(after / 1e6).toFixed(1)} MB after 200 more, ${((after - before) / 200 / 1e3).toFixed(1)} KB a caption`,
  );
  expect(liveTensors).toBe(0);
  expect((after - before) / 200).toBeLessThan(10_000);
});

test('lanes go on while the tab is hidden', async ({ page }) => {
  await openInBrowser(page);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => true });
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    // A hidden tab draws no frames.
    globalThis.requestAnimationFrame = () => 0;
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await choosePicture(page);
  await finished(page);
});

test('the bench page measures this browser and says it as JSON', async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto('/bench');
  await page.getByRole('button', { name: 'Measure pocket wasm fp32', exact: true }).click();
  await expect(page.getByTestId('pocket wasm fp32')).toContainText(/five captions .* warm/, { timeout: 120_000 });
  const { devices, results } = JSON.parse((await page.getByTestId('bench-json').textContent())!) as {
    devices: { name: string }[];
    results: { what: string; threads: number; result: unknown }[];
  };
  expect(devices.map(({ name }) => name)).toEqual(['webgpu', 'wasm']);
  expect(results).toMatchObject([
    { what: 'pocket', device: 'wasm', precision: 'fp32', result: { warmMs: expect.any(Number) as unknown } },
  ]);
});
