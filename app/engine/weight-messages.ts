import type { GraphOptions } from '@/models/networks/types';
import type { GraphName } from '@/models/graphs/spec';
import type { Manifest, ManifestFile } from '@/models/manifest';

export type WeightEntry = Pick<ManifestFile, 'sha256' | 'bytes' | 'path'>;

/**
 * What an engine worker asks the worker of its weights (models/worker), whose notes are downloads. `ahead` has files
 * fetched, in their order; `arrived` is answered once they are there. A file that graphs are made of (`shared`) stays
 * with the weights worker too.
 */
export type WeightCalls = {
  ahead: { asks: readonly WeightEntry[]; answers: void };
  arrived: { asks: readonly WeightEntry[]; answers: void };
  file: { asks: { entry: WeightEntry; shared: boolean }; answers: Uint8Array<ArrayBuffer> };
  model: { asks: { manifest: Manifest; graph: GraphName; options: GraphOptions }; answers: Uint8Array<ArrayBuffer> };
};
