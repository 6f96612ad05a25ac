import { msg } from '../languages/msg';
import type { WebDevice } from './messages';

/** Threads of a WASM session: more than the cores slow it down, and four are enough for steps of this size. */
const maxThreads = 4;

/** What this browser can do, each device with the reason where it cannot. Runs in the page or in a worker. */
export async function webDevices(): Promise<WebDevice[]> {
  return [await webgpuDevice(), wasmDevice()];
}

export async function webgpuDevice(): Promise<WebDevice> {
  const name = 'webgpu';
  const gpu = (navigator as Navigator & { gpu?: GPU }).gpu;
  if (!storage()) return { name, available: false, reason: noStorage };
  if (!gpu)
    return {
      name,
      available: false,
      reason: globalThis.isSecureContext ? msg('this browser has no WebGPU') : msg('WebGPU needs https or localhost'),
    };
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) return { name, available: false, reason: msg('no adapter: the browser found no GPU that it may use') };
  const { vendor, architecture, description } = adapter.info;
  const software = 'isFallbackAdapter' in adapter.info && Boolean(adapter.info.isFallbackAdapter);
  return {
    name,
    available: true,
    adapter: [vendor, architecture, description].filter(Boolean).join(' ') || msg('unnamed adapter'),
    halfPrecision: adapter.features.has('shader-f16'),
    ...(software ? { reason: msg('a software adapter: right, but slow') } : {}),
  };
}

/** Known at once, while WebGPU has to wait for its adapter. */
export function wasmDevice(): WebDevice {
  if (!storage()) return { name: 'wasm', available: false, reason: noStorage };
  const isolated = Boolean(globalThis.crossOriginIsolated);
  const threads = isolated ? Math.max(1, Math.min(maxThreads, navigator.hardwareConcurrency || 1)) : 1;
  return {
    name: 'wasm',
    available: true,
    threads,
    ...(isolated ? {} : { reason: msg('one thread: the page is not cross-origin isolated') }),
  };
}

const storage = () => Boolean(globalThis.isSecureContext && navigator.storage && globalThis.crypto?.subtle);
const noStorage = msg(
  'this browser has no private file storage here (it needs https or localhost, and no private window)',
);
