import { StudioError } from '@/models/errors';
import type { GraphOptions } from '@/models/networks/types';
import type { GraphName } from '@/models/weights/graphs';
import type { Manifest } from '@/models/weights/manifest';
import type { DownloadProgress } from './messages';
import type { FromWeights, ToWeights, WeightEntry } from './weight-messages';

type Call = { resolve: (bytes: Uint8Array | undefined) => void; reject: (error: StudioError) => void };
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/**
 * The browser's weights as an engine worker sees them: read or downloaded, and made into graphs, by a worker of their
 * own (weights-worker.ts), which ends with it.
 */
export class Weights {
  readonly #calls = new Map<number, Call>();
  #worker: Worker | undefined;
  #next = 1;

  constructor(private readonly onProgress: (progress: DownloadProgress) => void = () => undefined) {
    // Its script loads while the engine's own is still at work.
    this.#worker = this.#start();
  }

  /** Has files fetched before they are asked for: what comes first is fetched first. */
  ahead(entries: readonly WeightEntry[]): void {
    this.#tell({ kind: 'ahead', entries });
  }

  /**
   * Resolves once files are where models are made of them. @throws weights-missing, weights-corrupt, storage-full,
   * device-failed
   */
  async arrived(entries: readonly WeightEntry[]): Promise<void> {
    await this.#ask({ kind: 'arrived', entries });
  }

  /** The verified bytes of a file; `shared`: graphs are made of it too. @throws as arrived() */
  async file(entry: WeightEntry, shared: boolean): Promise<Uint8Array> {
    return (await this.#ask({ kind: 'file', entry, shared }))!;
  }

  /** The ONNX model of a graph. @throws as arrived(), weights-invalid */
  async model(manifest: Manifest, graph: GraphName, options: GraphOptions): Promise<Uint8Array> {
    return (await this.#ask({ kind: 'model', manifest, graph, options }))!;
  }

  #ask(message: WithoutId<Exclude<ToWeights, { kind: 'ahead' }>>): Promise<Uint8Array | undefined> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#tell({ ...message, id });
    });
  }

  #tell(message: ToWeights): void {
    (this.#worker ??= this.#start()).postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(new URL('weights-worker.js', self.location.href), {
      type: 'module',
      name: 'caption-studio-weights',
    });
    worker.onmessage = ({ data: message }: MessageEvent<FromWeights>) => {
      if (message.kind === 'progress') return this.onProgress(message.progress);
      const call = this.#calls.get(message.id);
      this.#calls.delete(message.id);
      if (message.kind === 'done') call?.resolve(message.bytes);
      else call?.reject(StudioError.fromData(message.error));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      this.#worker = undefined;
      const failure = new StudioError(
        'device-failed',
        `The browser's store of weights stopped: ${event.message || 'its script did not load'}. Run it again; a new one starts by itself.`,
      );
      for (const { reject } of this.#calls.values()) reject(failure);
      this.#calls.clear();
    };
    return worker;
  }
}
