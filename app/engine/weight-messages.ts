import type { ErrorData } from '@/models/errors';
import type { GraphOptions } from '@/models/networks/types';
import type { GraphName } from '@/models/weights/graphs';
import type { Manifest, ManifestFile } from '@/models/weights/manifest';
import type { DownloadProgress } from './messages';

export type WeightEntry = Pick<ManifestFile, 'sha256' | 'bytes' | 'path'>;

/**
 * The protocol between an engine worker and the worker of its weights; `id` names the call. `ahead` has files fetched,
 * in their order; `arrived` is
 * answered, without bytes, once they are there. A file that graphs are made of (`shared`) stays with the weights worker
 * too.
 */
export type ToWeights =
  | { kind: 'ahead'; entries: readonly WeightEntry[] }
  | { kind: 'arrived'; id: number; entries: readonly WeightEntry[] }
  | { kind: 'file'; id: number; entry: WeightEntry; shared: boolean }
  | { kind: 'model'; id: number; manifest: Manifest; graph: GraphName; options: GraphOptions };

export type FromWeights =
  | { kind: 'done'; id: number; bytes?: Uint8Array<ArrayBuffer> }
  | { kind: 'failed'; id: number; error: ErrorData }
  | { kind: 'progress'; progress: DownloadProgress };
