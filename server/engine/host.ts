import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CompareRequest } from '../../models/compare';
import { StudioError } from '../../models/errors';
import { threadFault } from '../errors/why';
import { NativeThread } from '../../models/runtime/node-thread';
import { disableTelemetry } from '../../models/runtime/node-telemetry';
import { EventQueue } from '../../models/event-queue';
import type { StudioEvent } from '../../models/events';
import type { DeviceName, Precision } from '../../models/runtime/types';
import type { Embedding } from '../../models/spaces/embedding';
import type { RgbImage } from '../../models/spaces/image';
import { familyDirs } from '../weights/folders';
import { lockFamily } from '../weights/lock';
import type { DeviceReport, EngineSettings, EngineStatus, FromWorker, ToWorker } from './messages';

export type EngineOptions = {
  device?: 'auto' | DeviceName;
  precision?: Precision;
  /** Folder of the embedded families, one subfolder each; default `models` of the repository. */
  familiesDir?: string;
  /** Folder of the installed ones; default `data/families`. */
  installedDir?: string;
  slowMs?: number;
};
export type { DeviceReport, EngineStatus };

/** `laneSignal` stops one lane while its neighbours go on. */
export type CompareOptions = { signal?: AbortSignal; laneSignal?: (lane: string) => AbortSignal | undefined };

/** The engine as the main thread sees it: all work happens in one worker thread. */
export interface EngineHost {
  /** Streams a comparison. Ending the loop early or firing the signal cancels the work. @throws as models/compare.ts */
  compare(request: CompareRequest, options?: CompareOptions): AsyncGenerator<StudioEvent, void, void>;
  /** Raw embedding of a photo. */
  embedImage(family: string, image: RgbImage): Promise<Embedding>;
  /** Raw embeddings of texts. */
  embedTexts(family: string, texts: readonly string[]): Promise<Embedding[]>;
  /** Which devices work here, and why others do not. */
  devices(): Promise<DeviceReport[]>;
  /** The device in use, live tensors and memory. */
  status(): Promise<EngineStatus>;
  close(): Promise<void>;
}

const knownDevices = new Set<string>(['cuda', 'webgpu', 'coreml', 'dml', 'cpu']);
type Value = Extract<FromWorker, { kind: 'done' }>['value'];
type Call = {
  onEvent?: (event: StudioEvent) => void;
  resolve: (value: Value) => void;
  reject: (error: StudioError) => void;
};

/**
 * Opens the engine. The worker starts with the first call, and anew after it broke. @throws option-invalid, internal
 * (no bundle)
 */
export async function openEngine(
  options: EngineOptions = {},
  env: Record<string, string | undefined> = process.env,
): Promise<EngineHost> {
  const root = process.env.STUDIO_ROOT || process.cwd();
  const file = join(/* turbopackIgnore: true */ root, '.studio', 'engine-worker.mjs');
  if (!existsSync(file))
    throw new StudioError(
      'internal',
      `${file} is missing. \`npm start\` and \`npm run studio\` make it; start them in the repository.`,
    );
  return new WorkerHost(file, {
    device: options.device ?? 'auto',
    order: deviceOrder(env.STUDIO_DEVICES || undefined),
    precision: options.precision ?? 'fp32',
    families: familyDirs({
      embedded: options.familiesDir ?? env.STUDIO_FAMILIES_DIR,
      installed: options.installedDir ?? env.STUDIO_INSTALLED_DIR,
    }),
    slowMs: options.slowMs ?? (Number(env.STUDIO_SLOW_STEP_MS) || 0),
  });
}

function deviceOrder(text = 'cuda,webgpu,coreml,dml,cpu'): DeviceName[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = names.find((name) => !knownDevices.has(name));
  if (unknown)
    throw new StudioError(
      'option-invalid',
      `STUDIO_DEVICES names "${unknown}"; known are ${[...knownDevices].join(', ')}, separated by commas.`,
    );
  return names as DeviceName[];
}

class WorkerHost implements EngineHost {
  #thread: NativeThread | undefined;
  #calls = new Map<number, Call>();
  #next = 1;
  #closed = false;

  constructor(
    private readonly file: string,
    private readonly settings: EngineSettings,
  ) {}

  async *compare(
    request: CompareRequest,
    { signal, laneSignal }: CompareOptions = {},
  ): AsyncGenerator<StudioEvent, void, void> {
    const release = this.#use(request.family);
    const queue = new EventQueue<StudioEvent>();
    const { id, done } = this.#call({ kind: 'compare', request }, (event) => queue.push(event));
    const abort = () => this.#thread?.worker.postMessage({ kind: 'abort', id } satisfies ToWorker);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    for (const { id: lane } of request.lanes)
      onAbort(laneSignal?.(lane), () =>
        this.#thread?.worker.postMessage({ kind: 'abort', id, lane } satisfies ToWorker),
      );
    let settled = false;
    const end = done.finally(() => {
      settled = true;
      queue.close();
    });
    end.catch(() => undefined);
    try {
      yield* queue.drain();
      await end;
    } finally {
      signal?.removeEventListener('abort', abort);
      if (!settled) {
        abort();
        // The device is free again when the loop has ended.
        await end.catch(() => undefined);
      }
      release();
    }
  }

  async embedImage(family: string, image: RgbImage): Promise<Embedding> {
    const release = this.#use(family);
    return ((await this.#call({ kind: 'embed-image', family, image }).done.finally(release)) as Embedding[])[0]!;
  }
  async embedTexts(family: string, texts: readonly string[]): Promise<Embedding[]> {
    const release = this.#use(family);
    return (await this.#call({ kind: 'embed-texts', family, texts }).done.finally(release)) as Embedding[];
  }
  async devices(): Promise<DeviceReport[]> {
    return (await this.#call({ kind: 'devices' }).done) as DeviceReport[];
  }
  async status(): Promise<EngineStatus> {
    return (await this.#call({ kind: 'status' }).done) as EngineStatus;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    this.#thread = undefined;
    this.#failAll('The engine was closed.');
    await thread?.end();
  }

  /** Keeps an installed family from being removed while it is used, by any process. @throws busy */
  #use(family: string): () => void {
    const { installed } = this.settings.families;
    if (!/^[\w-][\w.-]*$/.test(family) || !existsSync(join(installed, family))) return () => undefined;
    const release = lockFamily(installed, family, 'shared');
    if (!release)
      throw new StudioError(
        'busy',
        `The family ${family} is being installed or removed right now. Try again in a moment.`,
      );
    return release;
  }

  #call(
    message: DistributiveOmit<Exclude<ToWorker, { kind: 'abort' }>, 'id'>,
    onEvent?: (event: StudioEvent) => void,
  ): { id: number; done: Promise<Value> } {
    const id = this.#next++;
    if (this.#closed) return { id, done: Promise.reject(new StudioError('device-failed', 'The engine was closed.')) };
    const { worker } = (this.#thread ??= this.#start());
    worker.ref();
    const done = new Promise<Value>((resolve, reject) => this.#calls.set(id, { onEvent, resolve, reject }));
    worker.postMessage({ ...message, id });
    return { id, done };
  }

  #start(): NativeThread {
    disableTelemetry();
    const thread = new NativeThread(this.file, this.settings);
    const { worker } = thread;
    worker.on('message', (message: FromWorker) => {
      const call = this.#calls.get(message.id);
      if (message.kind === 'event') return call?.onEvent?.(message.event);
      this.#calls.delete(message.id);
      if (message.kind === 'done') call?.resolve(message.value);
      else call?.reject(StudioError.fromData(message.error));
      // An idle engine does not keep a command alive.
      if (!this.#calls.size) worker.unref();
    });
    const broke = (why: string) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#failAll(`The engine stopped: ${why}. Run it again; a new engine starts by itself.`);
    };
    worker.on('error', (error) => broke(threadFault('A fault in its thread', error).message.replace(/[.]$/, '')));
    worker.on('exit', (code) => broke(`its thread ended with ${code}`));
    return thread;
  }

  #failAll(message: string): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.reject(new StudioError('device-failed', message));
  }
}

/** Calls once the signal fires, or at once where it has. */
function onAbort(signal: AbortSignal | undefined, call: () => void): void {
  if (signal?.aborted) call();
  else signal?.addEventListener('abort', call, { once: true });
}
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
