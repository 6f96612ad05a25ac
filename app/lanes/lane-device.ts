import type { WebDeviceName } from '@/models/runtime/web';
import { msg } from '../languages/msg';
import type { WebDevice } from '../engine/messages';

/** Where a lane runs: on the studio's server, or in this browser; `browser` leaves the device to `bestHere`. */
export type LaneDevice = 'server' | 'browser' | WebDeviceName;
export const laneDevices: readonly LaneDevice[] = ['server', 'browser', 'webgpu', 'wasm'];
export const laneDeviceTitles: Record<LaneDevice, string> = {
  server: msg('Server'),
  browser: msg('This browser'),
  webgpu: msg('This browser, WebGPU'),
  wasm: msg('This browser, WASM'),
};

/**
 * The device of this browser that lanes do best on: a real GPU, else WASM. `passedOver`: why it is not WebGPU; a
 * software adapter is right and far
 * slower than WASM. Undefined where the browser can do neither.
 */
export function bestHere(available: readonly WebDevice[]): { device: WebDevice; passedOver?: string } | undefined {
  const [webgpu, wasm] = (['webgpu', 'wasm'] as const).map((device) => available.find(({ name }) => name === device));
  if (webgpu?.available && !webgpu.reason) return { device: webgpu };
  if (wasm?.available) return { device: wasm, ...(webgpu?.reason ? { passedOver: webgpu.reason } : {}) };
  return webgpu?.available ? { device: webgpu } : undefined;
}
