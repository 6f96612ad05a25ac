import type { CompareRequest } from '@/models/compare';
import type { StudioEvent } from '@/models/events';
import type { Device, Precision } from '@/models/runtime/types';
import type { WebDeviceName } from '@/models/runtime/web';
import type { RgbImage } from '@/models/spaces/image';
import type { TextScore, TextScoreRequest } from '@/models/spaces/score-text';

/** How a worker is opened: one device for its whole life. */
export type WorkerSettings = {
  device: WebDeviceName;
  precision: Precision;
  /** Makes every model run that much longer (tests of streaming and cancelling). */
  slowMs?: number;
};

/** Whether this browser can run lanes on a device, and why not. */
export type WebDevice = {
  name: WebDeviceName;
  available: boolean;
  adapter?: string;
  halfPrecision?: boolean;
  threads?: number;
  reason?: string;
};

/** A weight file on its way into the browser's storage; `all…` add up every file that this comparison asked for. */
export type DownloadProgress = {
  file: string;
  received: number;
  bytes: number;
  allReceived: number;
  allBytes: number;
  resumed: boolean;
};

export type WorkerStatus = { device: Device; liveTensors: number; heapBytes: number | undefined };
export type StoredFile = { hash: string; bytes: number; partial: boolean };

/** What the page asks an engine worker (models/worker): its notes are weights on their way. */
export type EngineCalls = {
  open: { asks: WorkerSettings; answers: Device };
  compare: { asks: CompareRequest; answers: void; emits: StudioEvent };
  /** Fetches what lanes will need, before there is a photo for them. */
  prepare: { asks: Pick<CompareRequest, 'family' | 'precision' | 'lanes'>; answers: void };
  decode: { asks: Blob; answers: RgbImage };
  scoreText: { asks: TextScoreRequest; answers: TextScore };
  status: { asks: undefined; answers: WorkerStatus };
  /** Takes the GPU away, as a browser may at any time (tests). */
  lose: { asks: undefined; answers: void };
};
