import type { BatchAnswer, BatchRequest } from '../../models/collections/types';
import type { CompareRequest } from '../../models/compare';
import type { StudioEvent } from '../../models/events';
import type { Device, DeviceName, Precision } from '../../models/runtime/types';
import type { Embedding } from '../../models/spaces/embedding';
import type { RgbImage } from '../../models/spaces/image';
import type { TextScore, TextScoreRequest } from '../../models/spaces/score-text';
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
  /** Threads of one model run; onnxruntime's own choice where absent. */
  threads?: number;
};

export type DeviceReport = { name: DeviceName; available: boolean; reason?: string };
/** `heapUsed`, `external` (buffers): bytes of the worker's own thread. */
export type EngineStatus = { device: Device; liveTensors: number; heapUsed: number; external: number };

/** What the main thread asks the engine's worker thread (models/worker). */
export type EngineCalls = {
  compare: { asks: CompareRequest; answers: void; emits: StudioEvent };
  captionBatch: { asks: BatchRequest; answers: BatchAnswer };
  embedImage: { asks: { family: string; image: RgbImage }; answers: Embedding };
  embedTexts: { asks: { family: string; texts: readonly string[] }; answers: Embedding[] };
  scoreText: { asks: TextScoreRequest; answers: TextScore };
  devices: { asks: undefined; answers: DeviceReport[] };
  status: { asks: undefined; answers: EngineStatus };
};
