import type { CompareRequest } from '@/models/compare';
import { StudioError } from '@/models/errors';
import { EventQueue } from '@/models/event-queue';
import type { StudioEvent } from '@/models/events';
import type { Device, Precision } from '@/models/runtime/types';
import type { WebDeviceName } from '@/models/runtime/web';
import type { RgbImage } from '@/models/spaces/image';
import { keepEngineOffline } from './offline';
import { msg } from '../languages/msg';
import type { DownloadProgress, FromWorker, ToWorker, WorkerSettings, WorkerStatus } from './messages';

type Value = Extract<FromWorker, { kind: 'done' }>['value'];
type Call = {
  onEvent?: (event: StudioEvent) => void;
  onDownload?: (progress: DownloadProgress) => void;
  resolve: (value: Value) => void;
  reject: (error: StudioError) => void;
};
type Message = Exclude<ToWorker, { kind: 'abort' }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

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
  #worker: Worker | undefined;
  #opened: Promise<Device> | undefined;
  #calls = new Map<number, Call>();
  #next = 1;

  constructor(private readonly settings: WorkerSettings) {}

  /**
   * Streams a comparison. Ending the loop early or firing the signal cancels the work. @throws as models/compare.ts,
   * device-unavailable
   */
  async *compare(request: CompareRequest, options: RunOptions = {}): AsyncGenerator<StudioEvent, void, void> {
    this.#turnTo(request.family);
    await this.open();
    const queue = new EventQueue<StudioEvent>();
    const { id, done } = this.#call(
      { kind: 'compare', request },
      { onEvent: (event) => queue.push(event), onDownload: options.onDownload },
    );
    const abort = () => this.#worker?.postMessage({ kind: 'abort', id } satisfies ToWorker);
    if (options.signal?.aborted) abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    for (const { id: lane } of request.lanes) {
      const laneSignal = options.laneSignal?.(lane);
      const stop = () => this.#worker?.postMessage({ kind: 'abort', id, lane } satisfies ToWorker);
      if (laneSignal?.aborted) stop();
      laneSignal?.addEventListener('abort', stop, { once: true });
    }
    let settled = false;
    const end = done.finally(() => {
      settled = true;
      queue.close();
    });
    end.catch(() => undefined);
    try {
      yield* queue.drain();
      await end;
      // Not before: its downloads would take their share of the machine from the first caption.
      void keepEngineOffline(this.settings.device, request.family);
    } finally {
      options.signal?.removeEventListener('abort', abort);
      if (!settled) abort();
    }
  }

  /** Has the weights of lanes fetched before there is a photo for them. What goes wrong is told when they run. */
  async prepare({ family, precision, lanes }: Pick<CompareRequest, 'family' | 'precision' | 'lanes'>): Promise<void> {
    this.#turnTo(family);
    // Not after `open`: the manifest is fetched while the device opens.
    void this.open().catch(() => undefined);
    await this.#call({ kind: 'prepare', request: { family, ...(precision ? { precision } : {}), lanes } }).done.catch(
      () => undefined,
    );
  }

  /** Decodes a photo off the page's thread, as the server does. @throws image-unreadable, image-too-large */
  async decode(photo: Blob): Promise<RgbImage> {
    // The device opens meanwhile; whether it can is told when it is used.
    void this.open().catch(() => undefined);
    return (await this.#call({ kind: 'decode', photo }).done) as RgbImage;
  }

  async status(): Promise<WorkerStatus> {
    await this.open();
    return (await this.#call({ kind: 'status' }).done) as WorkerStatus;
  }

  /** Takes the GPU away, as a browser may at any time (tests). */
  async loseDevice(): Promise<void> {
    await this.#call({ kind: 'lose' }).done;
  }

  /** What its worker holds in memory, and whether it is at work; undefined before the first run and after `close`. */
  get loaded(): LoadedFamily | undefined {
    return this.#worker && this.#family !== undefined
      ? {
          family: this.#family,
          device: this.settings.device,
          precision: this.settings.precision,
          busy: this.#calls.size > 0,
        }
      : undefined;
  }

  /** Ends the worker: all its memory goes back. The next call starts a new one. */
  close(): void {
    this.#broke('it was closed');
  }

  /** Starts the worker and opens its device. @throws device-unavailable */
  open(): Promise<Device> {
    this.#opened ??= this.#call({ kind: 'open', settings: this.settings }).done.then((device) => device as Device);
    this.#opened.catch(() => (this.#opened = undefined));
    return this.#opened;
  }

  #turnTo(family: string): void {
    if (this.#family !== undefined && this.#family !== family && this.#calls.size === 0) this.close();
    this.#family = family;
  }

  #call(
    message: WithoutId<Message>,
    call: Pick<Call, 'onEvent' | 'onDownload'> = {},
  ): { id: number; done: Promise<Value> } {
    const id = this.#next++;
    const worker = (this.#worker ??= this.#start());
    const done = new Promise<Value>((resolve, reject) => this.#calls.set(id, { ...call, resolve, reject }));
    worker.postMessage({ ...message, id });
    return { id, done };
  }

  #start(): Worker {
    const worker = new Worker('/engine/worker.js', { type: 'module', name: `caption-studio-${this.settings.device}` });
    worker.onmessage = ({ data: message }: MessageEvent<FromWorker>) => {
      const call = this.#calls.get(message.id);
      if (message.kind === 'event') return call?.onEvent?.(message.event);
      if (message.kind === 'download') return call?.onDownload?.(message.progress);
      this.#calls.delete(message.id);
      if (message.kind === 'done') call?.resolve(message.value);
      else call?.reject(StudioError.fromData(message.error));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#broke(event.message || 'its script did not load');
    };
    return worker;
  }

  #broke(why: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#opened = undefined;
    this.#family = undefined;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls)
      call.reject(
        new StudioError(
          'device-failed',
          `The browser's engine stopped: ${why}. Run it again; a new one starts by itself.`,
        ),
      );
  }
}

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
