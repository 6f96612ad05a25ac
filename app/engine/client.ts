import type { CompareRequest } from '@/models/compare';
import { StudioError } from '@/models/errors';
import type { StudioEvent } from '@/models/events';
import type { Device, Precision } from '@/models/runtime/types';
import type { WebDeviceName } from '@/models/runtime/web';
import type { RgbImage } from '@/models/spaces/image';
import type { TextScore, TextScoreRequest } from '@/models/spaces/score-text';
import { Caller } from '@/models/worker/caller';
import { keepEngineOffline } from './offline';
import { msg } from '../languages/msg';
import type { DownloadProgress, EngineCalls, WorkerSettings, WorkerStatus } from './messages';
import { startWorker } from './start-worker';

export type RunOptions = {
  signal?: AbortSignal;
  /** Stops one lane while its neighbours go on. */ laneSignal?: (lane: string) => AbortSignal | undefined;
  onDownload?: (progress: DownloadProgress) => void;
};

/** A family in the memory of one engine worker. */
export type LoadedFamily = { family: string; device: WebDeviceName; precision: Precision; busy: boolean };

/**
 * One engine worker as the page sees it. It starts with the first call, and anew after it broke or was ended. It holds
 * one family: a runtime never
 * shrinks its memory, so before another family is loaded the worker is ended, unless it is still at work.
 */
export class BrowserEngine {
  #family: string | undefined;
  #opened: Promise<Device> | undefined;
  /** Of the comparison that began last: weights on their way are its own. */
  #onDownload: RunOptions['onDownload'];
  readonly #worker: Caller<EngineCalls, DownloadProgress>;

  constructor(private readonly settings: WorkerSettings) {
    this.#worker = new Caller(
      (died) => startWorker('/engine/worker.js', `caption-studio-${settings.device}`, died),
      stopped,
      {
        note: (progress) => this.#onDownload?.(progress),
        end: () => (this.#opened = this.#family = this.#onDownload = undefined),
      },
    );
  }

  /**
   * Streams a comparison. Ending the loop early or firing the signal cancels the work. @throws as models/compare.ts,
   * device-unavailable
   */
  async *compare(
    request: CompareRequest,
    { signal, laneSignal, onDownload }: RunOptions = {},
  ): AsyncGenerator<StudioEvent, void, void> {
    this.#turnTo(request.family);
    await this.open();
    this.#onDownload = onDownload;
    try {
      yield* this.#worker.stream('compare', request, {
        signal,
        laneSignals: request.lanes.map(({ id }) => [id, laneSignal?.(id)]),
      });
    } finally {
      if (this.#onDownload === onDownload) this.#onDownload = undefined;
    }
    // Not before: its downloads would take their share of the machine from the first caption.
    void keepEngineOffline(this.settings.device, request.family);
  }

  /** Has the weights of lanes fetched before there is a photo for them. What goes wrong is told when they run. */
  async prepare({ family, precision, lanes }: Pick<CompareRequest, 'family' | 'precision' | 'lanes'>): Promise<void> {
    this.#turnTo(family);
    // Not after `open`: the manifest is fetched while the device opens.
    void this.open().catch(() => undefined);
    await this.#worker.call('prepare', { family, ...(precision ? { precision } : {}), lanes }).catch(() => undefined);
  }

  /** Decodes a photo off the page's thread, as the server does. @throws image-unreadable, image-too-large */
  async decode(photo: Blob): Promise<RgbImage> {
    // The device opens meanwhile; whether it can is told when it is used.
    void this.open().catch(() => undefined);
    return this.#worker.call('decode', photo);
  }

  /** How well a text fits an input. @throws embedding-mismatch, weights-missing */
  async scoreText(request: TextScoreRequest): Promise<TextScore> {
    this.#turnTo(request.family);
    await this.open();
    return this.#worker.call('scoreText', request);
  }

  async status(): Promise<WorkerStatus> {
    await this.open();
    return this.#worker.call('status', undefined);
  }

  /** Takes the GPU away, as a browser may at any time (tests). */
  async loseDevice(): Promise<void> {
    await this.#worker.call('lose', undefined);
  }

  /** What its worker holds in memory, and whether it is at work; undefined before the first run and after `close`. */
  get loaded(): LoadedFamily | undefined {
    return this.#worker.alive && this.#family !== undefined
      ? {
          family: this.#family,
          device: this.settings.device,
          precision: this.settings.precision,
          busy: this.#worker.busy,
        }
      : undefined;
  }

  /** Ends the worker: all its memory goes back. The next call starts a new one. */
  close(): void {
    void this.#worker.end(stopped('it was closed'));
  }

  /** Starts the worker and opens its device. @throws device-unavailable */
  open(): Promise<Device> {
    this.#opened ??= this.#worker.call('open', this.settings);
    this.#opened.catch(() => (this.#opened = undefined));
    return this.#opened;
  }

  #turnTo(family: string): void {
    if (this.#family !== undefined && this.#family !== family && !this.#worker.busy) this.close();
    this.#family = family;
  }
}

const stopped = (why: string) =>
  new StudioError('device-failed', `The browser's engine stopped: ${why}. Run it again; a new one starts by itself.`);

const engines = new Map<string, BrowserEngine>();
/** The page's engine on a device; one worker each, made when first needed. */
export function browserEngine(device: WebDeviceName, precision: Precision = 'fp32', slowMs?: number): BrowserEngine {
  const key = `${device} ${precision} ${slowMs ?? 0}`;
  let engine = engines.get(key);
  if (!engine) engines.set(key, (engine = new BrowserEngine({ device, precision, ...(slowMs ? { slowMs } : {}) })));
  return engine;
}

/** The families that the page's engines hold in memory. */
export function loadedFamilies(): LoadedFamily[] {
  return [...engines.values()].flatMap(({ loaded }) => loaded ?? []);
}

/**
 * Unloads a family (all of them if none is named): the workers that hold it are ended, which gives their memory back,
 * unless they are at work.
 */
export function unloadFamilies(family?: string): void {
  for (const engine of engines.values())
    if (engine.loaded && !engine.loaded.busy && (family === undefined || engine.loaded.family === family))
      engine.close();
}

/** Why WASM takes over from WebGPU, in a few words; undefined for every other error. */
function reasonToMove({ code, details }: Pick<StudioError, 'code' | 'details'>): string | undefined {
  if (code === 'device-lost') return msg('instead of WebGPU: the GPU was lost');
  if (code === 'device-wrong')
    return details?.graph
      ? `instead of WebGPU: its self-check failed (${String(details.graph)})`
      : msg('instead of WebGPU: its self-check failed');
  return undefined;
}

/**
 * A comparison in this browser. When the GPU is lost in the middle, or answers its self-check wrongly, the lanes that
 * had not finished go on with
 * WASM, from their start: the same search gives the same caption.
 */
export async function* compareInBrowser(
  device: WebDeviceName,
  request: CompareRequest,
  options: RunOptions & { slowMs?: number } = {},
): AsyncGenerator<StudioEvent, void, void> {
  let instead: string | undefined;
  let lost = false;
  const open = new Set(request.lanes.map(({ id }) => id));
  const engine = browserEngine(device, request.precision, options.slowMs);
  try {
    for await (const event of engine.compare(request, options)) {
      if (device === 'webgpu' && event.type === 'lane-failed') {
        const reason = reasonToMove(event.error);
        lost ||= event.error.code === 'device-lost';
        instead = reason ?? instead;
        if (reason) continue;
      }
      if (event.type === 'lane-finished' || event.type === 'lane-failed') open.delete(event.lane);
      if (event.type === 'comparison-finished' && instead) continue;
      yield event;
    }
  } catch (error) {
    const failure = StudioError.from(error);
    instead = device === 'webgpu' ? reasonToMove(failure) : undefined;
    if (!instead) throw error;
    lost = failure.code === 'device-lost';
  }
  if (!instead) return;
  // Nothing of a lost GPU can be used again.
  if (lost) engine.close();
  const lanes = request.lanes.filter(({ id }) => open.has(id));
  for await (const event of browserEngine('wasm', request.precision, options.slowMs).compare(
    { ...request, lanes },
    options,
  ))
    yield event.type === 'comparison-started' ? { ...event, device: { ...event.device, instead } } : event;
}
