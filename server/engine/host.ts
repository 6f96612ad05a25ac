import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchAnswer, BatchRequest } from '../../models/collections/types';
import type { CompareRequest } from '../../models/compare';
import { StudioError } from '../../models/errors';
import { NativeThread } from '../../models/runtime/node-thread';
import { disableTelemetry } from '../../models/runtime/node-telemetry';
import type { StudioEvent } from '../../models/events';
import type { DeviceName, Precision } from '../../models/runtime/types';
import type { Embedding } from '../../models/spaces/embedding';
import type { RgbImage } from '../../models/spaces/image';
import type { TextScore, TextScoreRequest } from '../../models/spaces/score-text';
import { Caller } from '../../models/worker/caller';
import { familyDirs } from '../weights/folders';
import { lockFamily } from '../weights/lock';
import type { DeviceReport, EngineCalls, EngineSettings, EngineStatus } from './messages';
import { threadPort } from './thread-port';

export type EngineOptions = {
  device?: 'auto' | DeviceName;
  precision?: Precision;
  /** Folder of the embedded families, one subfolder each; default `models` of the repository. */
  familiesDir?: string;
  /** Folder of the installed ones; default `data/families`. */
  installedDir?: string;
  slowMs?: number;
  /** Threads of one model run; as many as there are cores where absent. */
  threads?: number;
};
export type { DeviceReport, EngineStatus };

/** `laneSignal` stops one lane while its neighbours go on. */
export type CompareOptions = { signal?: AbortSignal; laneSignal?: (lane: string) => AbortSignal | undefined };

/** The engine as the main thread sees it: all work happens in one worker thread. */
export interface EngineHost {
  /** Streams a comparison. Ending the loop early or firing the signal cancels the work. @throws as models/compare.ts */
  compare(request: CompareRequest, options?: CompareOptions): AsyncGenerator<StudioEvent, void, void>;
  /**
   * Captions photos side by side; their pixels go over to the engine, and are gone here.
   * @throws as models/collections/caption-batch.ts
   */
  captionBatch(request: BatchRequest, options?: { signal?: AbortSignal }): Promise<BatchAnswer>;
  /** Raw embedding of a photo. */
  embedImage(family: string, image: RgbImage): Promise<Embedding>;
  /** Raw embeddings of texts. */
  embedTexts(family: string, texts: readonly string[]): Promise<Embedding[]>;
  /** How well a text fits an input. @throws embedding-mismatch */
  scoreText(request: TextScoreRequest): Promise<TextScore>;
  /** Which devices work here, and why others do not. */
  devices(): Promise<DeviceReport[]>;
  /** The device in use, live tensors and memory. */
  status(): Promise<EngineStatus>;
  close(): Promise<void>;
}

const knownDevices = new Set<string>(['cuda', 'webgpu', 'coreml', 'dml', 'cpu']);

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
    threads: options.threads,
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
  readonly #worker: Caller<EngineCalls>;
  #closed = false;

  constructor(
    file: string,
    private readonly settings: EngineSettings,
  ) {
    this.#worker = new Caller(
      (died) => {
        // Whoever holds a closed engine must not start it anew.
        if (this.#closed) throw closed();
        disableTelemetry();
        return threadPort(new NativeThread(file, settings), died);
      },
      (why) =>
        new StudioError('device-failed', `The engine stopped: ${why}. Run it again; a new engine starts by itself.`),
    );
  }

  async *compare(
    request: CompareRequest,
    { signal, laneSignal }: CompareOptions = {},
  ): AsyncGenerator<StudioEvent, void, void> {
    const release = this.#use(request.family);
    try {
      const laneSignals = request.lanes.map(({ id }) => [id, laneSignal?.(id)] as const);
      yield* this.#worker.stream('compare', request, { signal, laneSignals });
    } finally {
      release();
    }
  }

  async captionBatch(request: BatchRequest, { signal }: { signal?: AbortSignal } = {}): Promise<BatchAnswer> {
    const release = this.#use(request.family);
    const views = request.photos.flatMap((given) => ('image' in given ? Object.values(given.image.views) : []));
    const transfer = [...new Set(views.map(({ buffer }) => buffer as ArrayBuffer))];
    return this.#worker.call('captionBatch', request, { signal, transfer }).finally(release);
  }

  async embedImage(family: string, image: RgbImage): Promise<Embedding> {
    const release = this.#use(family);
    return this.#worker.call('embedImage', { family, image }).finally(release);
  }
  async embedTexts(family: string, texts: readonly string[]): Promise<Embedding[]> {
    const release = this.#use(family);
    return this.#worker.call('embedTexts', { family, texts }).finally(release);
  }
  async scoreText(request: TextScoreRequest): Promise<TextScore> {
    const release = this.#use(request.family);
    return this.#worker.call('scoreText', request).finally(release);
  }
  devices(): Promise<DeviceReport[]> {
    return this.#worker.call('devices', undefined);
  }
  status(): Promise<EngineStatus> {
    return this.#worker.call('status', undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.end(closed());
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
}

const closed = () => new StudioError('device-failed', 'The engine was closed.');
