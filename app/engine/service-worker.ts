// Keeps the page usable without the network: pages, scripts and the engine's files are answered from a cache when the
// studio does not
// answer. Weights and comparisons have storage of their own (weight-store.ts, local-comparisons.ts).
const worker = self as unknown as ServiceWorkerGlobal;
const cacheName = 'caption-studio-1';
const shells = ['/', '/local'];
/** What the page asks first: decoders, families, options. */
const info = '/api/trpc/studio.info';

worker.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      await Promise.all([...shells.map(keepShell), keepMissing([info])]);
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys())
        if (name.startsWith('caption-studio-') && name !== cacheName) await caches.delete(name);
      await worker.clients.claim();
    })(),
  );
});

/**
 * The page names files that it will need again (the engine's, when a lane first runs here), or says that its pages are
 * others now (in another language).
 */
worker.addEventListener('message', (event) => {
  const { keep, renew } = event.data as { keep?: string[]; renew?: boolean };
  if (keep) event.waitUntil(keepMissing(keep));
  if (renew) event.waitUntil(Promise.all(shells.map(keepShell)).catch(() => undefined));
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') return event.respondWith(page(request, url));
  if (url.pathname.startsWith('/_next/static/')) return event.respondWith(cacheFirst(request));
  if (url.pathname.startsWith('/engine/') || url.pathname.startsWith('/api/families/') || url.pathname === info)
    return event.respondWith(networkFirst(request));
});

async function page(request: Request, url: URL): Promise<Response> {
  try {
    const response = await fetch(request);
    // A new version of the studio has new scripts: its pages and theirs are kept together.
    if (response.ok && shells.includes(url.pathname)) void keepShell(url.pathname).catch(() => undefined);
    return response;
  } catch (error) {
    const kept = await caches.match(shells.includes(url.pathname) ? url.pathname : '/', { cacheName });
    if (kept) return kept;
    throw error;
  }
}

async function cacheFirst(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await (await caches.open(cacheName)).put(request, response.clone());
  return response;
}

async function networkFirst(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    if (response.status === 200)
      await (await caches.open(cacheName)).put(new URL(request.url).pathname, response.clone());
    return response;
  } catch (error) {
    const kept = await caches.match(new URL(request.url).pathname, { cacheName });
    if (kept) return kept;
    throw error;
  }
}

/** A page with all scripts, styles and fonts that it names. */
async function keepShell(path: string): Promise<void> {
  const response = await fetch(path, { cache: 'no-cache' });
  if (!response.ok) return;
  const cache = await caches.open(cacheName);
  await cache.put(path, response.clone());
  const files = assets(await response.text(), location.href);
  await keepMissing(files);
  for (const style of files.filter((file) => file.endsWith('.css'))) {
    const text = await (await caches.match(style, { cacheName }))?.text();
    if (text) await keepMissing(assets(text, new URL(style, location.href).href));
  }
}

function assets(text: string, base: string): string[] {
  const named = [...text.matchAll(/\/_next\/static\/[^"'\\\s)]+/g)].map(([path]) => path);
  const relative = [...text.matchAll(/url\(["']?([^"')]+\.woff2)["']?\)/g)].map(
    ([, path]) => new URL(path!, base).pathname,
  );
  return [...new Set([...named, ...relative])];
}

async function keepMissing(paths: readonly string[]): Promise<void> {
  const cache = await caches.open(cacheName);
  await Promise.all(
    paths.map(async (path) => ((await cache.match(path)) ? undefined : cache.add(path).catch(() => undefined))),
  );
}

/** What TypeScript's page types lack of a service worker. */
type Extendable = Event & { waitUntil(work: Promise<unknown>): void };
interface ServiceWorkerGlobal {
  addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void;
  addEventListener(type: 'message', listener: (event: Extendable & { data: unknown }) => void): void;
  addEventListener(
    type: 'fetch',
    listener: (event: Extendable & { request: Request; respondWith(response: Promise<Response>): void }) => void,
  ): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}
export {};
