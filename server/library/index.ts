/**
 * Caption Studio in other programs: what the package `caption-studio` exports. The engine runs in a worker thread of
 * its own; nothing is kept, nothing is sent.
 */
import { type EngineHost, type EngineOptions, openEngine as open } from '../engine/host';
import { userFolder } from './user-folder';

/**
 * Opens the engine: the first device that works, in a worker thread. Close it, or the process goes on.
 * @throws option-invalid, device-unavailable
 */
export const openEngine = (options: EngineOptions = {}): Promise<EngineHost> =>
  open({ ...options, installedDir: options.installedDir ?? userFolder(process.env, 'families') });

export type { EngineHost, EngineOptions };
export { decodeImage } from '../media/decode-image';
export { StudioError } from '../../models/errors';
export type { ErrorCode, ErrorData } from '../../models/errors';
export type { CompareInput, CompareRequest, LaneRequest } from '../../models/compare';
export type { Hypothesis, LaneResult, StudioEvent } from '../../models/events';
export type { Embedding } from '../../models/spaces/embedding';
export type { RgbImage } from '../../models/spaces/image';
export { decoders } from '../../models/decoders/registry';
export { readEmbeddingFile } from '../../models/files/embedding-file';
export { writeNpy } from '../../models/files/npy';
export { score } from '../../models/metrics/score';
export type { Captioned, Scores } from '../../models/metrics/score';
