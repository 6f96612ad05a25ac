import { StudioError } from '@/models/errors';
import type { GraphOptions } from '@/models/networks/types';
import type { GraphName } from '@/models/graphs/spec';
import type { Manifest } from '@/models/manifest';
import { Caller } from '@/models/worker/caller';
import type { DownloadProgress } from './messages';
import { startWorker } from './start-worker';
import type { WeightCalls, WeightEntry } from './weight-messages';

/**
 * The browser's weights as an engine worker sees them: read or downloaded, and made into graphs, by a worker of their
 * own (weights-worker.ts), which ends with it.
 */
export class Weights {
  readonly #worker: Caller<WeightCalls, DownloadProgress>;

  constructor(onProgress: (progress: DownloadProgress) => void = () => undefined) {
    this.#worker = new Caller(
      (died) => startWorker(new URL('weights-worker.js', self.location.href), 'caption-studio-weights', died),
      (why) =>
        new StudioError(
          'device-failed',
          `The browser's store of weights stopped: ${why}. Run it again; a new one starts by itself.`,
        ),
      { note: onProgress },
    );
    // Its script loads while the engine's own is still at work.
    this.#worker.wake();
  }

  /** Has files fetched before they are asked for: what comes first is fetched first. */
  ahead(entries: readonly WeightEntry[]): void {
    void this.#worker.call('ahead', entries).catch(() => undefined);
  }

  /**
   * Resolves once files are where models are made of them. @throws weights-missing, weights-corrupt, storage-full,
   * device-failed
   */
  async arrived(entries: readonly WeightEntry[]): Promise<void> {
    await this.#worker.call('arrived', entries);
  }

  /** The verified bytes of a file; `shared`: graphs are made of it too. @throws as arrived() */
  file(entry: WeightEntry, shared: boolean): Promise<Uint8Array> {
    return this.#worker.call('file', { entry, shared });
  }

  /** The ONNX model of a graph. @throws as arrived(), weights-invalid */
  model(manifest: Manifest, graph: GraphName, options: GraphOptions): Promise<Uint8Array> {
    return this.#worker.call('model', { manifest, graph, options });
  }
}
