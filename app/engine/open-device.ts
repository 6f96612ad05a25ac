import { StudioError } from '@/models/errors';
import type { Onnxruntime } from '@/models/runtime/ort-runtime';
import { WebRuntime, type WebDeviceName } from '@/models/runtime/web';
import { webDevices } from './devices';

/** Opens onnxruntime on a device. Its files come from the studio, never from elsewhere. @throws device-unavailable */
export async function openDevice(name: WebDeviceName): Promise<WebRuntime> {
  const device = (await webDevices()).find((candidate) => candidate.name === name)!;
  if (!device.available) throw new StudioError('device-unavailable', `${name === 'webgpu' ? 'WebGPU' : 'WASM'} cannot be used in this browser: ${device.reason}. Choose another device for the lane.`);
  const ort = name === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = device.threads ?? 1;
  // A package that shares the module may have pointed this at a server of its own.
  ort.env.wasm.wasmPaths = { wasm: new URL(name === 'webgpu' ? 'ort-wasm-simd-threaded.asyncify.wasm' : 'ort-wasm-simd-threaded.wasm', self.location.href).href };
  const { adapter, reason } = device;
  const runtime = new WebRuntime(ort as unknown as Onnxruntime, { name, ...(adapter ? { adapter } : {}), ...(reason ? { reason } : {}) }, device.threads);
  return runtime;
}

/** Tells the runtime when the browser takes the GPU away. Call it once a session exists: onnxruntime makes its device with the first. */
export async function watchLoss(runtime: WebRuntime): Promise<GPUDevice | undefined> {
  if (runtime.device.name !== 'webgpu') return undefined;
  const ort = await import('onnxruntime-web/webgpu');
  const device = (await ort.env.webgpu.device) as unknown as GPUDevice;
  void device.lost.then(({ message }) => runtime.lose(message));
  return device;
}
