import type { CompareRequest } from '@/models/compare';
import type { ErrorData } from '@/models/errors';
import type { StudioEvent } from '@/models/events';
import type { Device, Precision } from '@/models/runtime/types';
import type { WebDeviceName } from '@/models/runtime/web';
import type { RgbImage } from '@/models/spaces/image';

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

/**
 * The protocol between the page and an engine worker; `id` names the call. Errors cross it as data with a code. `lose`
 * takes the GPU
 * away, as a browser may at any time (tests).
 */
export type ToWorker =
  | { kind: 'open'; id: number; settings: WorkerSettings }
  | { kind: 'compare'; id: number; request: CompareRequest }
  /** Fetches what lanes will need, before there is a photo for them. */
  | { kind: 'prepare'; id: number; request: Pick<CompareRequest, 'family' | 'precision' | 'lanes'> }
  | { kind: 'decode'; id: number; photo: Blob }
  | { kind: 'status'; id: number }
  | { kind: 'lose'; id: number }
  /** With `lane` only that one stops. */
  | { kind: 'abort'; id: number; lane?: string };

export type FromWorker =
  | { kind: 'event'; id: number; event: StudioEvent }
  | { kind: 'download'; id: number; progress: DownloadProgress }
  | { kind: 'done'; id: number; value?: Device | RgbImage | WorkerStatus }
  | { kind: 'failed'; id: number; error: ErrorData };
