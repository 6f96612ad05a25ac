import type { InferenceSession } from 'onnxruntime-common';
import { noteFault, StudioError } from '../errors';
import { type Onnxruntime, OrtRuntime, type SessionConfig } from './ort-runtime';
import type { Device, SessionOptions } from './types';

export type WebDeviceName = 'webgpu' | 'wasm';

/**
 * onnxruntime-web as a `Runtime`, on WebGPU or WASM. It belongs in a worker. On WebGPU two overlapping runs hang the
 * thread for good:
 * every run goes through a `Scheduler`.
 */
export class WebRuntime extends OrtRuntime {
  #lost = false;

  /** @param ort onnxruntime-web's own module for the device (`onnxruntime-web/wasm` or `/webgpu`) */
  constructor(
    ort: Onnxruntime,
    device: Device & { name: WebDeviceName },
    private readonly threads?: number,
  ) {
    super(ort, device);
  }

  /**
   * Called when the browser takes the GPU away: whatever runs or comes after fails with `device-lost`.
   * @param reason the browser's, for its console
   */
  lose(reason: string): void {
    if (!this.#lost) noteFault(reason || undefined);
    this.#lost = true;
  }

  /** JavaScript heap of the worker; WASM's and the GPU's own memory are not told by browsers. */
  hostMemory() {
    const bytes = (performance as Performance & { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize;
    return bytes === undefined ? undefined : { bytes, kind: 'worker-heap' as const };
  }

  protected sessionOptions(keep: readonly string[], extra: SessionConfig): InferenceSession.SessionOptions {
    if (this.#lost) throw this.failure('Nothing can run', undefined);
    return {
      executionProviders: [this.device.name],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: { session: extra },
      ...(this.threads ? { intraOpNumThreads: this.threads } : {}),
      ...(keep.length
        ? { preferredOutputLocation: Object.fromEntries(keep.map((output) => [output, 'gpu-buffer' as const])) }
        : {}),
    };
  }

  protected keptOutputs(options: SessionOptions): readonly string[] {
    return this.device.name === 'webgpu' ? (options.keepOnDevice ?? []) : [];
  }

  protected override failure(what: string, cause: unknown): StudioError {
    if (this.#lost)
      return new StudioError('device-lost', 'The GPU was lost: the browser took it away. The lane goes on with WASM.', {
        cause,
      });
    return super.failure(what, cause);
  }
}
