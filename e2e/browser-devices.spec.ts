import { expect } from '@playwright/test';
import {
  captions,
  chooseDevice,
  choosePicture,
  devicesOf,
  finished,
  giveWrongKernel,
  leaveLanes,
  openStudio,
} from './browser-pictures';
import { test } from './studio';

/** Where one lane shows it as well as five. */
const one = ['clipcap'];

test.beforeEach(({ page }) => {
  page.on('pageerror', (error) => {
    throw error;
  });
});

test('all lanes in the browser say what the server says, and the photo never leaves', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByTestId('lane-coca')).toBeVisible();
  await choosePicture(page);
  await finished(page);
  const server = await captions(page);

  await chooseDevice(page, 'Device of all lanes', /WASM/);
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET' || request.postData()) sent.push(`${request.method()} ${request.url()}`);
  });
  await choosePicture(page);
  await expect(page).toHaveURL(/\/local\?id=[\w-]+$/);
  await finished(page);
  expect(await captions(page)).toEqual(server);
  await expect(page.getByTestId('lane-clipcap')).toContainText('wasm');
  expect(sent).toEqual([]);

  await page.reload();
  await finished(page);
  expect(await captions(page)).toEqual(server);
  await expect(page.getByTestId('photo')).toBeVisible();
  expect(sent).toEqual([]);
});

test('lanes of one comparison run on the server and in the browser side by side', async ({ page }) => {
  const lanes = ['clipcap', 'coca'];
  await openStudio(page, lanes);
  // Left to the browser, a lane takes WASM where the only adapter is software.
  await chooseDevice(page, 'Device of ClipCap', /^This browser(?!,)/);
  await choosePicture(page);
  await finished(page, lanes);
  await expect(page.getByTestId('lane-clipcap')).toContainText('wasm');
  await expect(page.getByTestId('lane-coca')).toContainText('cpu');
  const said = await captions(page);
  await page.reload();
  await finished(page, lanes);
  expect(await captions(page)).toEqual(said);
});

test('the software WebGPU adapter says what the server says; a lane whose GPU is lost in the middle goes on with WASM', async ({
  page,
}) => {
  test.setTimeout(300_000);
  // The page's workers, so that the test can take the GPU away as a browser may.
  await page.addInitScript(() => {
    const workers: Worker[] = ((globalThis as { testWorkers?: Worker[] }).testWorkers = []);
    globalThis.Worker = class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        workers.push(this);
      }
    };
  });
  const lane = page.getByTestId('lane-clipcap');
  await openStudio(page, one, { beam: 2, maxTokens: 6 });
  await choosePicture(page);
  await finished(page, one);
  const server = await captions(page);
  await chooseDevice(page, 'Device of ClipCap', /WebGPU/);
  await choosePicture(page);
  await expect(lane).toContainText('webgpu', { timeout: 120_000 });
  await finished(page, one, 240_000);
  expect(await captions(page)).toEqual(server);

  const before = page.url();
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page).not.toHaveURL(before);
  await expect(lane).toContainText(/step [2-9]/, { timeout: 120_000 });
  await page.evaluate(() =>
    (globalThis as { testWorkers?: Worker[] }).testWorkers![0]!.postMessage({ kind: 'call', id: 1e9, call: 'lose' }),
  );
  await finished(page, one, 120_000);
  await expect(lane).toContainText('wasm');
  await expect(lane).toContainText('instead of WebGPU: the GPU was lost');
  expect(await captions(page)).toEqual(server);
});

/** A family of small networks is refused alike in imported.spec.ts, and sooner: pocket itself is a long proof. */
if (process.env.STUDIO_WRONG_KERNEL === '1')
  test('a GPU with a wrong kernel is refused by the self-check, said on the page, and WASM takes over', async ({
    page,
    context,
  }) => {
    test.setTimeout(240_000);
    await giveWrongKernel(context);
    await openStudio(page, one, { beam: 2, maxTokens: 6 });
    await choosePicture(page);
    await finished(page, one);
    const server = await captions(page);
    await chooseDevice(page, 'Device of ClipCap', /WebGPU/);
    await choosePicture(page);
    await expect(page.getByTestId('lane-clipcap')).toContainText('instead of WebGPU: its self-check failed (', {
      timeout: 200_000,
    });
    await finished(page, one);
    expect(await captions(page)).toEqual(server);
  });

test('a browser without WebGPU says so, and a page that is not isolated has one thread', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));
  await page.route('/', async (route) => {
    const response = await route.fetch();
    const {
      'cross-origin-opener-policy': _opener,
      'cross-origin-embedder-policy': _embedder,
      ...headers
    } = response.headers();
    await route.fulfill({ response, headers });
  });
  await page.goto('/');
  const devices = await devicesOf(page, 'CoCa');
  await expect(devices.nth(2)).toContainText('WebGPU');
  await expect(devices.nth(2)).toContainText('Cannot be used: this browser has no WebGPU');
  await expect(devices.nth(2)).toHaveAttribute('aria-disabled', 'true');
  await expect(devices.nth(3)).toContainText('one thread: the page is not cross-origin isolated');
  await expect(devices.nth(1)).toContainText('WASM, 1 thread; WebGPU is passed over (this browser has no WebGPU)');
});

test('a lane that is set to WASM runs there at once, also while the browser still looks for a GPU', async ({
  page,
}) => {
  await leaveLanes(page, one);
  await page.addInitScript((lanes) => {
    localStorage.setItem(
      'caption-studio.lane-devices',
      JSON.stringify(Object.fromEntries(lanes.map((name) => [name, 'wasm']))),
    );
    // An adapter that never comes.
    if (navigator.gpu) navigator.gpu.requestAdapter = () => new Promise(() => undefined);
  }, one);
  await page.goto('/');
  // Before the page is awake, too: the press waits for it.
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await finished(page, one);
  await expect(page.getByTestId('lane-clipcap')).toContainText('wasm');
});

test('a photo that cannot be read is refused in the browser as on the server', async ({ page }) => {
  await openStudio(page, one);
  await chooseDevice(page, 'Device of all lanes', /WASM/);
  for (const [name, buffer, message] of [
    ['empty.jpg', Buffer.alloc(0), 'The file is empty (0 bytes)'],
    ['drawing.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'SVG drawings are not read'],
    ['words.jpg', Buffer.from('no picture at all'), 'cannot read the file as a picture'],
  ] as const) {
    await page.getByLabel('Photo file').setInputFiles({ name, mimeType: 'image/jpeg', buffer });
    await expect(page.getByTestId('problem')).toContainText(message);
  }
  await choosePicture(page);
  await finished(page, one);
});

test('a comparison of the browser is sent only when it is saved, and only what was chosen', async ({ page }) => {
  const lanes = ['clipcap', 'decap'];
  await openStudio(page, lanes);
  await chooseDevice(page, 'Device of all lanes', /WASM/);
  const posts: { url: string; body: string }[] = [];
  page.on(
    'request',
    (request) => request.method() === 'POST' && posts.push({ url: request.url(), body: request.postData() ?? '' }),
  );
  await choosePicture(page);
  await expect(page.getByTestId('lane-clipcap')).toContainText('wasm');
  await finished(page, lanes);
  const said = await captions(page);
  expect(posts).toEqual([]);

  await page.getByRole('button', { name: 'Save …' }).click();
  await expect(page.getByRole('dialog')).toContainText('clipcap on wasm');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  expect(posts.map(({ url }) => new URL(url).pathname)).toEqual(['/api/trpc/comparison.save']);
  expect(posts[0]!.body).not.toContain('"values"');
  expect(posts[0]!.body).not.toContain('"embedding"');

  await page.getByRole('dialog').getByRole('link', { name: /\/c\// }).click();
  await expect(page).toHaveURL(/\/c\/[\w-]+$/);
  await finished(page, lanes);
  expect(await captions(page)).toEqual(said);
  await expect(page.getByText('The picture of this comparison stayed in the browser that made it.')).toBeVisible();
  await expect(page.getByTestId('photo')).toHaveCount(0);

  await page.goto('/');
  await expect(page.getByTestId('lane-clipcap')).toBeVisible();
  await choosePicture(page);
  await expect(page.getByTestId('lane-clipcap')).toContainText('wasm');
  await finished(page, lanes);
  await page.getByRole('button', { name: 'Save …' }).click();
  await page.getByRole('checkbox', { name: /^the picture/ }).check();
  await page.getByRole('checkbox', { name: /^the embedding/ }).check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').getByRole('link', { name: /\/c\// }).click();
  await finished(page, lanes);
  await expect(page.getByTestId('photo')).toBeVisible();
});
