import type { Precision } from '@/models/runtime/types';
import type { WebDeviceName } from '@/models/runtime/web';

/** What the bench page measures, one job after the other, each in a worker of its own. */
export type BenchJob = {
  what: 'gpt2' | 'products' | 'pocket' | 'transformers-js';
  device: WebDeviceName;
  precision: Precision;
};

/** GPT-2 124M shapes, random weights, this studio's graphs. Times in ms; steps are medians. */
export type GptResult = {
  buildMs: number;
  loadMs: number;
  warmUpMs: number;
  prefillMs: number;
  step1Ms: number;
  step5Ms: number;
  tokensPerSecond: number;
};
/** Only the matrix products of the same step: the least that any engine on these kernels needs. */
export type ProductsResult = { products1Ms: number; products5Ms: number };
/**
 * Pocket, five lanes at their defaults. `coldMs`: with download and loading; `warmMs`: photo to five finished captions.
 */
export type PocketResult = { coldMs: number; encodeMs: number; warmMs: number; firstCaptionMs: number };
/** transformers.js generating greedily, batch of 5, the same weights in its own layout. */
export type TransformersJsResult = { loadMs: number; stepMs: number; tokensPerSecond: number };

export type BenchResult = BenchJob & {
  adapter?: string;
  threads?: number;
  result?: GptResult | ProductsResult | PocketResult | TransformersJsResult;
  error?: string;
};
export type FromBench = { kind: 'note'; text: string } | { kind: 'result'; result: BenchResult };

export const beams = 5;
