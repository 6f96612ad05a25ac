import type { WeightMap } from '../networks/types';
import type { ByteSource } from './byte-source';
import type { ElementType } from './element-types';

export type TensorInfo = { dims: readonly number[]; type: ElementType };

/** A checkpoint whose tensors can also be described and copied as they are stored, without widening. */
export interface Checkpoint extends WeightMap {
  info(name: string): TensorInfo;
  /** Row-major bytes in the stored type. */
  raw(name: string): TensorInfo & { bytes: Uint8Array };
}

export type CheckpointFile = { name: string; source: ByteSource };
