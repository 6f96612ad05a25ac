import type { Env } from 'onnxruntime-common';
import { StudioError } from '@/models/errors';
import type { Onnxruntime } from '@/models/runtime/ort-runtime';
import { WebRuntime, type WebDeviceName } from '@/models/runtime/web';
import { wasmDevice, webgpuDevice } from './devices';

/** Opens onnxruntime on a device. Its files come from the studio, never from elsewhere. @throws device-unavailable */
export async function openDevice(name: WebDeviceName): Promise<WebRuntime> {
  const device = name === 'webgpu' ? await webgpuDevice() : wasmDevice();
  if (!device.available)
    throw new StudioError(
      'device-unavailable',
      `${name === 'webgpu' ? 'WebGPU' : 'WASM'} cannot be used in this browser: ${device.reason}. Choose another device for the lane.`,
    );
  const ort = name === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  onnxruntimeFiles(ort.env, name, device.threads);
  const { adapter, reason } = device;
  const runtime = new WebRuntime(
    ort as unknown as Onnxruntime,
    { name, ...(adapter ? { adapter } : {}), ...(reason ? { reason } : {}) },
    device.threads,
  );
  return runtime;
}

/**
 * Where onnxruntime finds its WebAssembly: beside the worker. A package that shares the module may have named a server
 * of its own.
 */
export function onnxruntimeFiles(
  env: { logLevel?: Env['logLevel']; wasm: Env['wasm'] },
  name: WebDeviceName,
  threads = 1,
): void {
  env.logLevel = 'error';
  env.wasm.numThreads = threads;
  env.wasm.wasmPaths = {
    wasm: new URL(
      name === 'webgpu' ? 'ort-wasm-simd-threaded.asyncify.wasm' : 'ort-wasm-simd-threaded.wasm',
      self.location.href,
    ).href,
  };
}

/**
 * Tells the runtime when the browser takes the GPU away. Call it once a session exists: onnxruntime makes its device
 * with the first.
 */
export async function watchLoss(runtime: WebRuntime): Promise<GPUDevice | undefined> {
  if (runtime.device.name !== 'webgpu') return undefined;
  const ort = await import('onnxruntime-web/webgpu');
  const device = (await ort.env.webgpu.device) as unknown as GPUDevice;
  void device.lost.then(({ message }) => runtime.lose(message));
  return device;
}
