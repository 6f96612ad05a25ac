import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common';
import { noteFault, StudioError } from '../errors';
import { toHalves, widenHalves } from '../float16';
import { deviceReason } from './device-reason';
import { FloatPool } from './float-pool';
import { heldSession, leavesCache, present } from './held-session';
import type { DataType, Device, Runtime, Session, SessionOptions, Tensor, TensorData } from './types';

/** The parts of onnxruntime that its builds for Node and for browsers have in common. */
export type Onnxruntime = {
  Tensor: TensorConstructor;
  InferenceSession: { create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> };
};

/** onnxruntime's settings under `session.`. */
export type SessionConfig = Record<string, unknown>;

class OwnedTensor implements Tensor {
  #value: OrtTensor | undefined;
  constructor(
    value: OrtTensor,
    readonly type: DataType,
    private readonly live: Set<OwnedTensor>,
    /** Gives back its memory where the host can, instead of leaving it to be collected. */
    private readonly free?: (memory: ArrayBuffer) => void,
  ) {
    this.#value = value;
    this.dims = value.dims;
    live.add(this);
  }
  readonly dims: readonly number[];

  get value(): OrtTensor {
    if (!this.#value) throw new StudioError('internal', 'A tensor was used after it was disposed.');
    return this.#value;
  }
  async read(): Promise<TensorData> {
    const data = await this.value.getData();
    if (this.type !== 'float16') return data as TensorData;
    // Newer browsers have Float16Array, and onnxruntime uses it there.
    return data instanceof Uint16Array ? widenHalves(data) : Float32Array.from(data as unknown as ArrayLike<number>);
  }
  dispose(): void {
    const memory = this.free && this.#value?.location === 'cpu' ? this.#value.data : undefined;
    this.#value?.dispose();
    this.#value = undefined;
    if (memory && typeof memory !== 'string' && 'buffer' in memory) this.free!(memory.buffer as ArrayBuffer);
    this.live.delete(this);
  }
}

/** `Runtime` over either build of onnxruntime; what differs is how a session is made. */
export abstract class OrtRuntime implements Runtime {
  readonly #live = new Set<OwnedTensor>();
  readonly #sessions = new Set<InferenceSession>();
  readonly #pool = new FloatPool((memory) => this.free?.(memory));
  /**
   * What the device is busy with. The scheduler sees to one run at a time; this holds also for what happens beside it:
   * two runs at once
   * (a self-check) hang WebGPU, and a session that is made while another is (two lanes that load) is refused there.
   */
  #busy: Promise<unknown> = Promise.resolve();

  protected constructor(
    private readonly ort: Onnxruntime,
    readonly device: Device,
  ) {}

  /**
   * How a session of this host is made; `keep` names the outputs that stay on the device, `extra` onnxruntime's further
   * settings.
   */
  protected abstract sessionOptions(keep: readonly string[], extra: SessionConfig): InferenceSession.SessionOptions;
  /** Outputs that stay on the device, of those that a graph asks for. */
  protected abstract keptOutputs(options: SessionOptions): readonly string[];
  /**
   * Gives memory of a cache back at once. Collected, it would be in use until hundreds of megabytes have piled up, and
   * every step would have pages that were never touched.
   */
  protected readonly free?: (memory: ArrayBuffer) => void;
  abstract hostMemory(): ReturnType<Runtime['hostMemory']>;
  /** How a session is made, run or released: on a host whose threads may be ended, where that is safe. */
  protected call<T>(native: () => Promise<T>): Promise<T> {
    return native();
  }
  /** Turns a failure of onnxruntime into the studio's error, in the studio's words. */
  protected failure(what: string, cause: unknown): StudioError {
    noteFault(cause);
    return new StudioError('device-failed', `${what} on ${this.device.name}: ${deviceReason(cause)}`, { cause });
  }

  tensor(type: DataType, data: TensorData, dims: readonly number[]): Tensor {
    const values = type === 'float16' && data instanceof Float32Array ? toHalves(data) : data;
    return this.#wrap(new this.ort.Tensor(type as 'float32', halves(type, values) as Float32Array, dims), type);
  }

  async load(model: Uint8Array, options: SessionOptions): Promise<Session> {
    const keep = this.keptOutputs(options);
    const session = await this.#create(model, keep, options);
    this.#sessions.add(session);
    const loaded: Session = {
      inputs: session.inputNames,
      outputs: session.outputNames,
      inputType: (name) => {
        const meta = session.inputMetadata.find((input) => input.name === name);
        return meta?.isTensor ? (meta.type as DataType) : 'float32';
      },
      run: async (feeds, fetches) => {
        const native: Record<string, OrtTensor> = {};
        for (const [name, tensor] of Object.entries(feeds)) native[name] = (tensor as OwnedTensor).value;
        let results: InferenceSession.OnnxValueMapType;
        try {
          // With outputs bound to the device, asking for some only ends the process (onnxruntime-node 1.30): take all,
          // give back the rest.
          results = await this.#alone(() =>
            fetches && !keep.length ? session.run(native, [...fetches]) : session.run(native),
          );
        } catch (cause) {
          throw this.failure(`${options.name} failed`, cause);
        }
        const outputs: Record<string, Tensor> = {};
        for (const [name, value] of Object.entries(results)) {
          const free = options.keepOnDevice?.includes(present(name)) ? this.free : undefined;
          const tensor = this.#wrap(value as OrtTensor, (value as OrtTensor).type as DataType, free);
          if (!fetches || fetches.includes(name)) outputs[name] = tensor;
          else tensor.dispose();
        }
        return outputs;
      },
      release: async () => {
        this.#sessions.delete(session);
        await this.call(() => session.release());
      },
    };
    if (!leavesCache(loaded)) return loaded;
    return heldSession(loaded, this, this.#pool);
  }

  liveTensors(): number {
    return this.#live.size + this.#pool.taken;
  }

  async close(): Promise<void> {
    for (const tensor of [...this.#live]) tensor.dispose();
    for (const session of [...this.#sessions]) await this.call(() => session.release());
    this.#sessions.clear();
    this.#pool.clear();
  }

  /**
   * Apart from `load`, whose functions live as long as the session: what one function of a scope uses, V8 keeps for all
   * of them, so the bytes of every
   * model would stay in memory beside its session.
   */
  async #create(model: Uint8Array, keep: readonly string[], options: SessionOptions): Promise<InferenceSession> {
    const extra: SessionConfig =
      options.wholeOnDevice && !/^(cpu|wasm)$/.test(this.device.name) ? { disable_cpu_ep_fallback: '1' } : {};
    try {
      return await this.#alone(() => this.ort.InferenceSession.create(model, this.sessionOptions(keep, extra)));
    } catch (cause) {
      throw this.failure(`Cannot load ${options.name}`, cause);
    }
  }

  /** Waits until the device is free, whatever became of the work before. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = () => this.call(work);
    const mine = this.#busy.then(next, next);
    this.#busy = mine;
    return mine;
  }

  #wrap(value: OrtTensor, type: DataType, free?: (memory: ArrayBuffer) => void): OwnedTensor {
    return new OwnedTensor(value, type, this.#live, free);
  }
}

/** Half-precision bits in the array type that this host's onnxruntime takes: Float16Array where the language has it. */
function halves(type: DataType, data: TensorData): ArrayLike<number | bigint> {
  const Float16 = (
    globalThis as { Float16Array?: new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayLike<number> }
  ).Float16Array;
  return type === 'float16' && Float16 && data instanceof Uint16Array
    ? new Float16(data.buffer, data.byteOffset, data.length)
    : data;
}
