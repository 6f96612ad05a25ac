import { type BrowserContext, expect, type Locator, type Page } from '@playwright/test';
import sharp from 'sharp';

export const decoders = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'];

/** A lossless picture of our own, so that both hosts decode the same pixels. */
export const picture = () =>
  sharp(
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="120" fill="#8ec5f0"/>' +
        '<rect y="120" width="320" height="120" fill="#4c8b3b"/><ellipse cx="160" cy="150" rx="60" ry="30" fill="#6b4423"/></svg>',
    ),
  )
    .png()
    .toBuffer();

export const choosePicture = async (page: Page) =>
  page.getByLabel('Photo file').setInputFiles({ name: 'field.png', mimeType: 'image/png', buffer: await picture() });
export const captions = (page: Page) => page.getByTestId('caption').allInnerTexts();

/** Waits until lanes are done; where one is not, the failure has what the page says. */
export async function finished(page: Page, names: readonly string[] = decoders, timeout = 60_000) {
  for (const decoder of names)
    await expect(page.getByTestId(`lane-${decoder}`))
      .toHaveAttribute('data-status', 'done', { timeout })
      .catch(async (error: Error) => {
        error.message += `\n\nThe page (${page.url()}) says:\n${await page.locator('body').innerText()}`;
        throw error;
      });
}
/** A comparison of a test's own of the sample, for those that change it. */
export async function runSample(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page);
}
/** The device of all lanes, or of one by its menu. `label`: "Device of all lanes", "Device of ClipCap" */
export async function chooseDevice(page: Page, label: string, option: RegExp) {
  if (label === 'Device of all lanes') {
    await page.getByRole('combobox', { name: label }).click();
    return page.getByRole('option', { name: option }).click();
  }
  // By its name, which is the first line: what is said of one device may name another.
  for (const device of await (await devicesOf(page, label.replace('Device of ', ''))).all())
    if (option.test((await device.innerText()).split('\n')[0]!)) return device.click();
  throw new Error(`No device is called ${option}.`);
}
/** Opens the devices of a lane. */
export async function devicesOf(page: Page, title: string): Promise<Locator> {
  await page.getByRole('button', { name: `More for ${title}`, exact: true }).click();
  await page.getByRole('menuitem', { name: /^Runs on/ }).press('ArrowRight');
  const devices = page.getByRole('menuitemradio');
  await devices.first().waitFor();
  return devices;
}
/** From the next visit on the studio has these lanes, as a person may have left them. Fewer are sooner done. */
export const leaveLanes = (page: Page, names: readonly string[], options: Record<string, number> = {}) =>
  page.addInitScript(
    (lanes) => localStorage.setItem('caption-studio.lanes', JSON.stringify(lanes)),
    names.map((name) => ({ id: name, decoder: name, options })),
  );
/** The studio's own page with `names` for its lanes. */
export async function openStudio(page: Page, names: readonly string[] = decoders, options?: Record<string, number>) {
  if (names !== decoders) await leaveLanes(page, names, options);
  await page.goto('/');
  for (const name of names) await expect(page.getByTestId(`lane-${name}`)).toBeVisible();
}
/** The same with every lane on WASM. */
export async function openInBrowser(page: Page, names: readonly string[] = decoders) {
  await openStudio(page, names);
  await chooseDevice(page, 'Device of all lanes', /WASM/);
}

/**
 * From the next load on, shaders compute another function than they are told to, as with a faulty driver: no error,
 * other numbers.
 */
export const giveWrongKernel = (context: BrowserContext) =>
  prependToEngine(
    context,
    'const make = globalThis.GPUDevice?.prototype.createShaderModule; if (make) GPUDevice.prototype.createShaderModule = function (shader) { return make.call(this, { ...shader, code: shader.code.replace(/\\bexp\\(/g, "exp2(") }); };',
  );

/**
 * From the next load on the engine's worker does something first. Of the context, since the request of a worker whose
 * page has a service worker belongs to no page.
 */
export async function prependToEngine(context: BrowserContext, code: string): Promise<void> {
  await context.route('**/engine/worker.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code}\n${await response.text()}` });
  });
}
