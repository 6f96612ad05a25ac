import type { WebDeviceName } from '@/models/runtime/web';

/** Where a lane runs: on the studio's server, or in this browser. */
export type LaneDevice = 'server' | WebDeviceName;
export const laneDevices: readonly LaneDevice[] = ['server', 'webgpu', 'wasm'];
export const laneDeviceTitles: Record<LaneDevice, string> = { server: 'Server', webgpu: 'This browser, WebGPU', wasm: 'This browser, WASM' };
