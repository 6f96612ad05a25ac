import type { GraphOptions, WeightMap } from '../networks/types';
import type { Manifest } from '../manifest';
import type { Settings } from './settings';

/** Makes the ONNX model of a network that a manifest names. @throws weights-invalid */
export type Builder = (weights: WeightMap, options: GraphOptions, settings: Settings, manifest: Manifest) => Uint8Array;
