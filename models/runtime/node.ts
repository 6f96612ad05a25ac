import * as ort from 'onnxruntime-node';
import { StudioError } from '../errors';
import { toHalves, widenHalves } from '../float16';
import type { DataType, Device, DeviceName, Runtime, Session, SessionOptions, Tensor, TensorData } from './types';

export type NodeRuntimeOptions = {
  device: Device;
  /** Threads of the CPU provider; onnxruntime's own choice without it. */
  threads?: number;
};

/** Execution providers of onnxruntime-node by the studio's device names. */
const providers: Partial<Record<DeviceName, string>> = { cpu: 'cpu', cuda: 'cuda', webgpu: 'webgpu', coreml: 'coreml', dml: 'dml' };
export const nodeDevices = Object.keys(providers) as DeviceName[];

class NodeTensor implements Tensor {
  #value: ort.Tensor | undefined;
  constructor(
    value: ort.Tensor,
    readonly type: DataType,
    private readonly live: Set<NodeTensor>,
  ) {
    this.#value = value;
    this.dims = value.dims;
    live.add(this);
  }
  readonly dims: readonly number[];

  get value(): ort.Tensor {
    if (!this.#value) throw new StudioError('internal', 'A tensor was used after it was disposed.');
    return this.#value;
  }
  async read(): Promise<TensorData> {
    const data = (await this.value.getData()) as TensorData;
    return this.type === 'float16' ? widenHalves(data as Uint16Array) : data;
  }
  dispose(): void {
    this.#value?.dispose();
    this.#value = undefined;
    this.live.delete(this);
  }
}

/**
 * onnxruntime-node as a `Runtime`. Its `run` blocks the calling thread, so it belongs in a worker thread (server/engine/worker.ts).
 * The device must have been probed (`probeDevice`): an unknown provider name would silently run on the CPU.
 */
export class NodeRuntime implements Runtime {
  readonly device: Device;
  readonly #live = new Set<NodeTensor>();
  readonly #sessions = new Set<ort.InferenceSession>();

  constructor(private readonly options: NodeRuntimeOptions) {
    this.device = options.device;
  }

  tensor(type: DataType, data: TensorData, dims: readonly number[]): Tensor {
    const values = type === 'float16' && data instanceof Float32Array ? toHalves(data) : data;
    return this.#wrap(new ort.Tensor(type as 'float32', values as Float32Array, dims), type);
  }

  async load(model: Uint8Array, options: SessionOptions): Promise<Session> {
    const keep = keptOutputs(this.device.name, options);
    const session = await createSession(model, this.device.name, this.options.threads, options.name, keep);
    this.#sessions.add(session);
    return {
      inputs: session.inputNames,
      outputs: session.outputNames,
      inputType: (name) => {
        const meta = session.inputMetadata.find((input) => input.name === name);
        return meta?.isTensor ? (meta.type as DataType) : 'float32';
      },
      run: async (feeds, fetches) => {
        const native: Record<string, ort.Tensor> = {};
        for (const [name, tensor] of Object.entries(feeds)) native[name] = (tensor as NodeTensor).value;
        let results: ort.InferenceSession.OnnxValueMapType;
        try {
          // With outputs bound to the device, asking for some only ends the process (seen with 1.30): take all, give back the rest.
          results = fetches && !keep.length ? await session.run(native, [...fetches]) : await session.run(native);
        } catch (cause) {
          throw new StudioError('device-failed', `${options.name} failed on ${this.device.name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
        }
        const outputs: Record<string, Tensor> = {};
        for (const [name, value] of Object.entries(results)) {
          const tensor = this.#wrap(value as ort.Tensor, (value as ort.Tensor).type as DataType);
          if (!fetches || fetches.includes(name)) outputs[name] = tensor;
          else tensor.dispose();
        }
        return outputs;
      },
      release: async () => {
        this.#sessions.delete(session);
        await session.release();
      },
    };
  }

  liveTensors(): number {
    return this.#live.size;
  }

  async close(): Promise<void> {
    for (const tensor of [...this.#live]) tensor.dispose();
    for (const session of [...this.#sessions]) await session.release();
    this.#sessions.clear();
  }

  #wrap(value: ort.Tensor, type: DataType): NodeTensor {
    return new NodeTensor(value, type, this.#live);
  }
}

/** Outputs that stay in GPU buffers: onnxruntime-node does so for WebGPU only; on the CPU every output is host memory already. */
function keptOutputs(device: DeviceName, options: SessionOptions): readonly string[] {
  return device === 'webgpu' ? (options.keepOnDevice ?? []) : [];
}

async function createSession(model: Uint8Array, device: DeviceName, threads: number | undefined, name: string, keep: readonly string[]): Promise<ort.InferenceSession> {
  const provider = providers[device];
  if (!provider) throw new StudioError('device-unavailable', `Device ${device} is unknown here; known are ${nodeDevices.join(', ')}.`);
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Every session has threads of its own. Spinning between runs (the default), they would take the cores from the session whose
      // turn it is: on two busy cores captions were five to ten times slower. A short spin inside a run bridges the gap between two
      // operators (an 8-bit step is about a tenth faster); on busy cores longer ones cost more than they save.
      extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '20' }, force_spinning_stop: '1' } },
      ...(threads ? { intraOpNumThreads: threads } : {}),
      ...(keep.length ? { preferredOutputLocation: Object.fromEntries(keep.map((output) => [output, 'gpu-buffer' as const])) } : {}),
    });
  } catch (cause) {
    throw new StudioError('device-failed', `Cannot load ${name} on ${device}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * Whether a device really works: runs `probe` (a tiny graph whose right answer is known) on it alone.
 * @returns the reason why not, or undefined when it does.
 */
export async function probeDevice(device: DeviceName, probe: { model: Uint8Array; input: Float32Array; expected: Float32Array }): Promise<string | undefined> {
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
    const right = values?.length === probe.expected.length && values.every((v, i) => Math.abs(v - probe.expected[i]!) <= 1e-3);
    return right ? undefined : 'it answered the probe wrongly';
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  } finally {
    await runtime.close().catch(() => undefined);
  }
}
