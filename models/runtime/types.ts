/**
 * The narrow interface over onnxruntime. `models/` sees nothing else of a host, so the same decoders run in Node
 * (runtime/node.ts) and, later, in a browser worker.
 */
import type { Device, DeviceName, Precision } from './device';

export type { Device, DeviceName, Precision };

export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array;
export type DataType = 'float32' | 'float16' | 'int32' | 'int64' | 'uint8';

/** A tensor owned by whoever made it: dispose it, or hand it to a state that does. */
export interface Tensor {
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Values on the host. Float16 is widened to Float32Array. Copies from the device where it lives there. */
  read(): Promise<TensorData>;
  /** Its owner reads it no more: the run that it is fed to may write over it. It must be disposed all the same. */
  spend?(): void;
  dispose(): void;
}

export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Element type that an input wants (key/value caches are float16 on some devices). */
  inputType(name: string): DataType;
  /**
   * Feeds stay owned by the caller; outputs belong to the caller and must be disposed. `fetches`: only these outputs.
   */
  run(feeds: Record<string, Tensor>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  name: string;
  /** Outputs that stay on the device (key/value caches). */
  keepOnDevice?: readonly string[];
  /**
   * Refuse to load on a GPU where any operator would silently run on the CPU and its tensors cross over in every run.
   */
  wholeOnDevice?: boolean;
}

export interface Runtime {
  readonly device: Device;
  tensor(type: 'float32', data: Float32Array, dims: readonly number[]): Tensor;
  tensor(type: 'int32', data: Int32Array, dims: readonly number[]): Tensor;
  tensor(type: 'int64', data: BigInt64Array, dims: readonly number[]): Tensor;
  tensor(type: DataType, data: TensorData, dims: readonly number[]): Tensor;
  /** Creates a session from the bytes of an ONNX model. @throws device-failed */
  load(model: Uint8Array, options: SessionOptions): Promise<Session>;
  /** Bytes that the host holds now, where it tells. */
  hostMemory(): { bytes: number; kind: 'process' | 'worker-heap' } | undefined;
  /** Tensors made here and not yet disposed (for leak tests). */
  liveTensors(): number;
  /** Releases every session and tensor. */
  close(): Promise<void>;
}
