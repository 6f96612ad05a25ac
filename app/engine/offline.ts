import type { WebDeviceName } from '@/models/runtime/web';

const engineFiles: Record<WebDeviceName, string[]> = {
  wasm: [
    '/engine/worker.js',
    '/engine/weights-worker.js',
    '/engine/ort.wasm.bundle.min.mjs',
    '/engine/ort-wasm-simd-threaded.wasm',
  ],
  webgpu: [
    '/engine/worker.js',
    '/engine/weights-worker.js',
    '/engine/ort.webgpu.bundle.min.mjs',
    '/engine/ort-wasm-simd-threaded.asyncify.wasm',
  ],
};

/** What a comparison of this browser needs to become an HTML file. */
const exportFiles = ['/engine/share-file.js', '/engine/share-file.css'];

/**
 * A first visit has better things to do in its first seconds than to fetch the page once more for the days without a
 * network.
 */
const quietMs = 5_000;
const offline = () => process.env.NODE_ENV === 'production' && 'serviceWorker' in navigator;
const register = () =>
  navigator.serviceWorker.register('/engine/service-worker.js', { scope: '/' }).catch(() => undefined);

/**
 * Registers the service worker that keeps the page usable without the network. Development builds change too often for
 * it.
 */
export function registerOffline(): (() => void) | undefined {
  if (!offline()) return undefined;
  let stop = () => {};
  const timer = setTimeout(() => {
    void register();
    stop = keepFetched();
  }, quietMs);
  return () => {
    clearTimeout(timer);
    stop();
  };
}

/**
 * A page names the scripts of its first visit; those that it fetched since (a view that was opened) are kept by what
 * the browser tells of them. @returns how to keep no more
 */
function keepFetched(): () => void {
  const observer = new PerformanceObserver((list) => {
    const keep = list
      .getEntries()
      .map(({ name }) => new URL(name))
      .filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith('/_next/static/'))
      .map(({ pathname, search }) => pathname + search);
    if (keep.length) void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage({ keep }));
  });
  observer.observe({ type: 'resource', buffered: true });
  return () => observer.disconnect();
}

/** Has the pages that are kept for the days without a network fetched again: they are in another language now. */
export async function renewPagesOffline(): Promise<void> {
  if (offline()) (await navigator.serviceWorker.getRegistration())?.active?.postMessage({ renew: true });
}

/** Keeps the engine's own files of a device and a family's manifest for later visits without the network. */
export async function keepEngineOffline(device: WebDeviceName, family: string): Promise<void> {
  if (!offline()) return;
  await register();
  (await navigator.serviceWorker.ready).active?.postMessage({
    keep: [...engineFiles[device], ...exportFiles, `/api/families/${encodeURIComponent(family)}`],
  });
}
