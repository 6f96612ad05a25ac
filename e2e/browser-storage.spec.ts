import { expect, type Page } from '@playwright/test';
import pocket from '../models/pocket/manifest.json' with { type: 'json' };
import { captions, choosePicture, finished, openInBrowser } from './browser-pictures';
import { inspector, look } from './inspector';
import { test } from './studio';

/** What is stored, and how, is the same for one lane as for all; those tests take the quickest. */
const one = ['clipcap'];

const largest = Math.max(...Object.values(pocket.files).map(({ bytes }) => bytes));

/** The manifest's name of a file that was asked for by its hash. */
const fileOf = (url: string) => Object.entries(pocket.files).find(([, { sha256 }]) => url.includes(sha256))?.[0] ?? url;
/** Weight files that lie whole in the browser's storage. */
const stored = (page: Page) =>
  page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('weights', { create: true });
    let count = 0;
    for await (const name of folder.keys()) if (/^[0-9a-f]{64}$/.test(name)) count++;
    return count;
  });

/** Changes one byte in the middle of the biggest stored weight file. */
const flipByte = (page: Page) =>
  page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('weights');
    let biggest: FileSystemFileHandle | undefined;
    let size = 0;
    for await (const handle of folder.values()) {
      const file = handle.kind === 'file' ? await (handle as FileSystemFileHandle).getFile() : undefined;
      if (file && file.size > size) [biggest, size] = [handle as FileSystemFileHandle, file.size];
    }
    const at = Math.floor(size / 2);
    const before = new Uint8Array(await (await biggest!.getFile()).slice(at, at + 1).arrayBuffer())[0]!;
    const writer = await biggest!.createWritable({ keepExistingData: true });
    await writer.write({ type: 'write', position: at, data: new Uint8Array([before ^ 1]) });
    await writer.close();
    return biggest!.name;
  });

test('after the first visit the studio works without the network', async ({ page, context }) => {
  await openInBrowser(page, one);
  await choosePicture(page);
  await finished(page, one);
  const said = await captions(page);
  // A view whose script came when it was opened is kept like those that the page named.
  const trace = async () => {
    await look(page, 'clipcap', 'Trace');
    await expect(inspector(page).getByRole('img', { name: /cosine to the input by token/ })).toBeVisible();
  };
  await trace();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.waitForFunction(
    async () =>
      Boolean(navigator.serviceWorker.controller) &&
      // All that a lane asks for: what came last differs, a manifest from a busy studio as well as the largest file.
      (
        await Promise.all(
          [
            ...['worker.js', 'weights-worker.js', 'ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.wasm'].map(
              (file) => `/engine/${file}`,
            ),
            ...['/api/families/pocket', '/api/trpc/studio.info', '/', '/local'],
            ...performance
              .getEntriesByType('resource')
              .flatMap(({ name }) => (/\/_next\/static\/.*\.js$/.test(name) ? [new URL(name).pathname] : [])),
          ].map((path) => caches.match(path)),
        )
      ).every(Boolean),
  );
  await context.setOffline(true);
  await page.reload();
  await finished(page, one);
  expect(await captions(page)).toEqual(said);
  await trace();
  await page.goto('/');
  await expect(page.getByTestId('lane-clipcap')).toBeVisible();
  await choosePicture(page);
  await finished(page, one);
  expect(await captions(page)).toEqual(said);
});

test('a download that is cut goes on where it stopped, also after the page was closed', async ({ page, context }) => {
  const ranges: string[] = [];
  let cuts = 0;
  await context.route('**/api/weights/*', async (route) => {
    const range = await route.request().headerValue('range');
    if (range) ranges.push(range);
    const response = await route.fetch();
    const body = await response.body();
    // The largest file breaks off after 30 %, and so does every attempt of this first visit to go on.
    if (body.length === largest || (range && cuts && cuts < 5)) {
      cuts++;
      if (cuts <= 5)
        return route.fulfill({
          response,
          body: body.subarray(0, range ? 0 : Math.floor(body.length * 0.3)),
          headers: { ...response.headers(), 'content-length': '' },
        });
    }
    await route.fulfill({ response, body });
  });
  await openInBrowser(page, one);
  await choosePicture(page);
  await expect(page.getByTestId('problem')).toContainText(/broke off at 30 %.*goes on from there/, { timeout: 60_000 });
  expect(ranges.length).toBeGreaterThan(0);

  await page.close();
  const again = await context.newPage();
  ranges.length = 0;
  await openInBrowser(again, one);
  await choosePicture(again);
  await finished(again, one);
  expect(ranges[0]).toMatch(/^bytes=\d{7}-$/);
});

test('a damaged stored file is found and downloaded anew', async ({ page, context }) => {
  await openInBrowser(page, one);
  await choosePicture(page);
  await finished(page, one);
  const said = await captions(page);
  const damaged = await flipByte(page);
  const asked: string[] = [];
  // Of the context, since a request of a worker whose page has a service worker belongs to no page.
  context.on('request', (request) => asked.push(request.url()));
  await page.goto('/');
  await expect(page.getByTestId('lane-clipcap')).toBeVisible();
  await choosePicture(page);
  await finished(page, one);
  expect(await captions(page)).toEqual(said);
  expect(asked.filter((url) => url.includes('/api/weights/')).map((url) => url.split('/').at(-1))).toEqual([damaged]);
});

test('a full storage is told, and the server goes on', async ({ page, context }) => {
  const session = await context.newCDPSession(page);
  await openInBrowser(page, one);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize: 8e6 });
  await choosePicture(page);
  await expect(page.getByTestId('problem')).toContainText(/no room for .* Delete stored weights under Storage/, {
    timeout: 30_000,
  });
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin });
  await choosePicture(page);
  await finished(page, one);
});

test('the storage view shows what is kept and deletes it', async ({ page }) => {
  await openInBrowser(page, one);
  await choosePicture(page);
  await finished(page, one);
  await page.getByRole('button', { name: 'Storage of this browser' }).click();
  await expect(page.getByTestId('stored-weights')).toHaveText(/\d+ files, \d\d\.\d MB/);
  await expect(page.getByTestId('storage').getByRole('link', { name: /field\.png/ })).toBeVisible();
  await page.getByRole('button', { name: 'Delete weights' }).click();
  await expect(page.getByTestId('stored-weights')).toHaveText(/^None/);
  await page.getByRole('button', { name: 'Delete the comparison of field.png' }).click();
  await expect(page.getByTestId('storage').getByRole('link', { name: /field\.png/ })).toHaveCount(0);
});

test('a family is unloaded: its worker ends, and the next run starts a new one that says the same', async ({
  page,
}) => {
  await openInBrowser(page, one);
  await choosePicture(page);
  await finished(page, one);
  const said = await captions(page);
  const engines = () => page.workers().filter((worker) => worker.url().endsWith('/engine/worker.js')).length;
  expect(engines()).toBe(1);
  await page.getByRole('button', { name: 'Storage of this browser' }).click();
  await expect(page.getByTestId('loaded-family')).toContainText('pocket on WASM, fp32, ready');
  await page.getByRole('button', { name: 'Unload' }).click();
  await expect(page.getByTestId('loaded-family')).toHaveCount(0);
  await expect.poll(engines).toBe(0);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  const before = page.url();
  await page.getByRole('button', { name: 'Run again' }).click();
  // Until then the lanes are those of the run before.
  await expect(page).not.toHaveURL(before);
  await expect.poll(engines).toBe(1);
  await finished(page, one);
  expect(await captions(page)).toEqual(said);
});

test('what the first lane needs is downloaded first, two files at a time', async ({ page, context }) => {
  const asked: string[] = [];
  let [now, most] = [0, 0];
  await context.route('**/api/weights/*', async (route) => {
    asked.push(fileOf(route.request().url()));
    most = Math.max(most, ++now);
    const response = await route.fetch();
    await new Promise((done) => setTimeout(done, 150));
    now--;
    await route.fulfill({ response });
  });
  await openInBrowser(page);
  await choosePicture(page);
  await finished(page);
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked[0]).toBe('joint');
  expect(most).toBe(2);
  // ClipCap is the first of those with the fewest graphs. CoCa has the most, and the iterative lane waits for all of
  // them.
  const place = (file: string) => asked.indexOf(file);
  for (const later of ['capdec', 'decap', 'decapMemory', 'coca'])
    expect(place('clipcap'), later).toBeLessThan(place(later));
  for (const sooner of ['capdec', 'decap', 'decapMemory']) expect(place(sooner), sooner).toBeLessThan(place('coca'));
});

test('lanes that were set to this browser before have their weights by the time a photo comes', async ({
  page,
  context,
}) => {
  await openInBrowser(page, ['clipcap', 'decap']);
  const needed = new Set<string>();
  context.on('request', (request) => request.url().includes('/api/weights/') && needed.add(fileOf(request.url())));
  await page.reload();
  // All that both lanes need was asked for, and what was asked for is stored.
  const files = ['joint', 'lm', 'clipcap', 'decap', 'decapMemory'];
  await expect.poll(() => files.filter((file) => !needed.has(file)), { timeout: 30_000 }).toEqual([]);
  let before = 0;
  const settled = async () => {
    const now = await stored(page);
    const same = now === before && now === needed.size;
    before = now;
    return same;
  };
  await expect.poll(settled, { timeout: 30_000, intervals: [2000] }).toBe(true);
  await context.route('**/api/weights/*', (route) => route.abort());
  await choosePicture(page);
  await finished(page, ['clipcap', 'decap']);
});

test('two tabs share one download and both finish', async ({ context }) => {
  const [first, second] = [await context.newPage(), await context.newPage()];
  const asked: string[] = [];
  context.on(
    'request',
    (request) => request.url().includes('/api/weights/') && asked.push(request.url().split('/').at(-1)!),
  );
  for (const page of [first, second]) await openInBrowser(page, one);
  await Promise.all([choosePicture(first), choosePicture(second)]);
  await Promise.all([finished(first, one), finished(second, one)]);
  expect(await captions(first)).toEqual(await captions(second));
  expect(new Set(asked).size).toBe(asked.length);
});

test('a comparison whose page was closed while it ran keeps what was done', async ({ page }) => {
  const lanes = ['clipcap', 'iterative'];
  await openInBrowser(page, lanes);
  await choosePicture(page);
  await expect(page.locator('[data-status="done"]').first()).toBeVisible({ timeout: 60_000 });
  const id = new URL(page.url()).searchParams.get('id');
  await page.goto(`/local?id=${id}`);
  await expect(page.getByTestId('lane-iterative')).toHaveAttribute('data-status', /done|interrupted/);
  const states = await Promise.all(lanes.map((name) => page.getByTestId(`lane-${name}`).getAttribute('data-status')));
  expect(states).toContain('done');
  expect(states.every((state) => state === 'done' || state === 'interrupted')).toBe(true);
});
