import type { GraphOptions, WeightMap } from '../networks/types';
import { languageModelOf, type Manifest } from '../manifest';
import type { Settings } from './settings';

export type GraphName = string;

/** Layers, heads and width of a key/value cache. */
export type CacheShape = { layers: number; heads: number; width: number };

/**
 * All that is told of a network beside its files and sizes, which a family's manifest has. `decoder` is that of the
 * graph; a tower of the space belongs to none and gives its own name.
 */
export type Network = {
  /** Makes the ONNX model. @throws weights-invalid */
  build(weights: WeightMap, options: GraphOptions, settings: Settings, manifest: Manifest): Uint8Array;
  /**
   * The cache that it keeps, which stays on the device between runs. No layers: it keeps none, and its inputs or
   * outputs have these heads and this width.
   */
  cache?(manifest: Manifest, decoder: string): CacheShape;
  /**
   * `cpu`: it runs once a photo or a candidate set and may leave shape arithmetic (a Concat of sizes, the causal mask's
   * positions) to the CPU on a GPU. `none`: it steps, and must be whole on the device.
   */
  fallback: 'cpu' | 'none';
  /**
   * `family`: as the family is opened. `exact`: at least fp32 where the family is at 8 bit, since small networks gain
   * nothing by it and towers lose cosine (docs/families.md). `measured`: exact, but at 8 bit where that loses next to
   * no cosine, which is measured when it is loaded (weights/tower-loss.ts). `measured-integers`: the same where the
   * device multiplies integers; elsewhere 8 bit makes many rows slower, not faster.
   */
  precision: 'family' | 'exact' | 'measured' | 'measured-integers';
  /** Of a language model: the tensor that is its token table, in the last of its files. */
  tokenTable?: string;
  /** Of a text tower: the token that it pools, where it is not the space's. */
  pooled?(manifest: Manifest, decoder: string): number;
};

/** One graph of a family: all that sessions, quantisation, self-check, importers, downloads and benches know of it. */
export type GraphSpec = Readonly<{
  name: GraphName;
  /** The decoder that it belongs to; a tower of the space belongs to none and gives its own name. */
  decoder: string;
  network: string;
  /** Keys of the files that hold its tensors. */
  files: readonly string[];
  /** The sizes that its network is made of. */
  settings: Settings;
  fallback: Network['fallback'];
  precision: Network['precision'];
  /** @throws weights-invalid, as the two below */
  cache: CacheShape | undefined;
  tokenTable: string | undefined;
  pooled: number | undefined;
  /** Its ONNX model. @throws weights-invalid */
  build(weights: WeightMap, options: GraphOptions): Uint8Array;
}>;

/** The cache of a decoder's language model. */
export const languageModelCache = (manifest: Manifest, decoder: string): CacheShape =>
  languageModelOf(manifest, decoder);

/** The same heads and width, and nothing kept. */
export const noCache = (manifest: Manifest, decoder: string): CacheShape => ({
  ...languageModelOf(manifest, decoder),
  layers: 0,
});
