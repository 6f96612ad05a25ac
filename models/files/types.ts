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

/** `folder`: where it lies, if that is known: copies of a repository lie under the repository's name. */
export type CheckpointFile = { name: string; source: ByteSource; folder?: string };
