import { createRequire } from 'node:module';
import { MessageChannel } from 'node:worker_threads';
import type * as Ort from 'onnxruntime-node';
import { StudioError } from '../errors';
import { enterNative, leaveNative, nativeCall } from './node-thread';
import { disableTelemetry } from './node-telemetry';
import { OrtRuntime, type SessionConfig } from './ort-runtime';
import type { Device, DeviceName, SessionOptions } from './types';

disableTelemetry();
// Not by `import`, which would load it before the line above runs.
const load = createRequire(import.meta.url);
enterNative();
const ort = load('onnxruntime-node') as typeof Ort;
leaveNative();

export type NodeRuntimeOptions = {
  device: Device;
  /** Threads of the CPU provider; onnxruntime's own choice without it. */
  threads?: number;
  /**
   * Sessions run a few times and are released: weights stay as they are in the model, which takes less memory and is
   * slower to run.
   */
  brief?: boolean;
};

const { port1: nobody, port2: closed } = new MessageChannel();
closed.close();

/** Execution providers of onnxruntime-node by the studio's device names. */
const providers: Partial<Record<DeviceName, string>> = {
  cpu: 'cpu',
  cuda: 'cuda',
  webgpu: 'webgpu',
  coreml: 'coreml',
  dml: 'dml',
};
export const nodeDevices = Object.keys(providers) as DeviceName[];

/**
 * onnxruntime-node as a `Runtime`. Its `run` blocks the calling thread, so it belongs in a worker thread
 * (server/engine/worker.ts).
 * The device must have been probed (`probeDevice`): an unknown provider name would silently run on the CPU.
 */
export class NodeRuntime extends OrtRuntime {
  constructor(private readonly options: NodeRuntimeOptions) {
    super(ort, options.device);
  }

  /** What is sent to nobody is gone at once. */
  protected override readonly free = (memory: ArrayBuffer): void => nobody.postMessage(null, [memory]);

  protected sessionOptions(keep: readonly string[], extra: SessionConfig): Ort.InferenceSession.SessionOptions {
    const provider = providers[this.device.name];
    if (!provider)
      throw new StudioError(
        'device-unavailable',
        `Device ${this.device.name} is unknown here; known are ${nodeDevices.join(', ')}.`,
      );
    return {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Every session has threads of its own. Spinning between runs (the default), they would take the cores from the
      // session whose
      // turn it is: on two busy cores captions were five to ten times slower. A short spin inside a run bridges the gap
      // between two
      // operators (an 8-bit step is about a tenth faster); on busy cores longer ones cost more than they save.
      extra: {
        session: {
          ...extra,
          ...(this.options.brief ? { disable_prepacking: '1' } : {}),
          intra_op: { allow_spinning: '1', spin_duration_us: '20' },
          force_spinning_stop: '1',
        },
      },
      ...(this.options.brief ? { enableCpuMemArena: false, enableMemPattern: false } : {}),
      ...(this.options.threads ? { intraOpNumThreads: this.options.threads } : {}),
      ...(keep.length
        ? { preferredOutputLocation: Object.fromEntries(keep.map((output) => [output, 'gpu-buffer' as const])) }
        : {}),
    };
  }

  protected call<T>(native: () => Promise<T>): Promise<T> {
    return nativeCall(native);
  }

  /** Resident memory of the process. */
  hostMemory() {
    return { bytes: process.memoryUsage.rss(), kind: 'process' as const };
  }

  /** onnxruntime-node keeps outputs in GPU buffers for WebGPU only; on the CPU every output is host memory already. */
  protected keptOutputs(options: SessionOptions): readonly string[] {
    return this.device.name === 'webgpu' ? (options.keepOnDevice ?? []) : [];
  }
}

/**
 * Whether a device really works: runs `probe` (a tiny graph whose right answer is known) on it alone.
 * @returns the reason why not, or undefined when it does.
 */
export async function probeDevice(
  device: DeviceName,
  probe: { model: Uint8Array; input: Float32Array; expected: Float32Array },
): Promise<string | undefined> {
  const provider = providers[device];
  if (!provider) return `not a device of onnxruntime-node; known are ${nodeDevices.join(', ')}`;
  const supported = ort.listSupportedBackends().map(({ name }) => name as string);
  if (!supported.includes(provider)) return `onnxruntime-node on this system has ${supported.join(', ')} only`;
  const runtime = new NodeRuntime({ device: { name: device } });
  try {
    const session = await runtime.load(probe.model, { name: 'the device probe' });
    const x = runtime.tensor('float32', probe.input, [1, probe.input.length]);
    const y = (await session.run({ x })).y;
    const values = (await y?.read()) as Float32Array | undefined;
    const right =
      values?.length === probe.expected.length && values.every((v, i) => Math.abs(v - probe.expected[i]!) <= 1e-3);
    return right ? undefined : 'it answered the probe wrongly';
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  } finally {
    await runtime.close().catch(() => undefined);
  }
}
