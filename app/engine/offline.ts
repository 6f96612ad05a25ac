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
  const timer = setTimeout(() => void register(), quietMs);
  return () => clearTimeout(timer);
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
