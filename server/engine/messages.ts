import type { CompareRequest } from '../../models/compare';
import type { ErrorData } from '../../models/errors';
import type { StudioEvent } from '../../models/events';
import type { Device, DeviceName, Precision } from '../../models/runtime/types';
import type { Embedding } from '../../models/spaces/embedding';
import type { RgbImage } from '../../models/spaces/image';
import type { FamilyDirs } from '../weights/folders';

/** How an engine is opened. */
export type EngineSettings = {
  /** `auto`: the first of `order` that works and is not slower than the CPU. */
  device: 'auto' | DeviceName;
  order: readonly DeviceName[];
  precision: Precision;
  /** Folders with one subfolder for each family. */
  families: FamilyDirs;
  /** Makes every model run that much longer (tests of streaming and cancelling). */
  slowMs: number;
};

export type DeviceReport = { name: DeviceName; available: boolean; reason?: string };
/** `heapUsed`, `external` (buffers): bytes of the worker's own thread. */
export type EngineStatus = { device: Device; liveTensors: number; heapUsed: number; external: number };

/**
 * The protocol between the main thread and the engine's worker thread; `id` names the call. Errors cross as data with a
 * code.
 */
export type ToWorker =
  | { kind: 'compare'; id: number; request: CompareRequest }
  /** With `lane` only that one stops. */
  | { kind: 'abort'; id: number; lane?: string }
  | { kind: 'embed-image'; id: number; family: string; image: RgbImage }
  | { kind: 'embed-texts'; id: number; family: string; texts: readonly string[] }
  | { kind: 'devices'; id: number }
  | { kind: 'status'; id: number };

export type FromWorker =
  | { kind: 'event'; id: number; event: StudioEvent }
  | { kind: 'done'; id: number; value?: Embedding[] | DeviceReport[] | EngineStatus }
  | { kind: 'failed'; id: number; error: ErrorData };
