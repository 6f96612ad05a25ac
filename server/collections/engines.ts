import { availableParallelism, totalmem } from 'node:os';
import type { BatchAnswer, BatchRequest } from '../../models/collections/types';
import type { Manifest } from '../../models/manifest';
import type { DeviceName, Precision } from '../../models/runtime/types';
import { graphNamesOf, graphOf } from '../../models/weights/graphs';
import type { EngineHost, EngineOptions } from '../engine/host';

type Engine = { host: EngineHost; busy: boolean };

/**
 * Engines that caption batches side by side. On a CPU one with a thread for each core is faster than one with as many
 * threads: what a model run does between its large products does not divide, nor does what stands around it. Each holds
 * the family's weights, so large families have one engine with all threads; a GPU has one too.
 */
export class Engines {
  readonly #engines: Engine[] = [];
  readonly #waiting: ((engine: Engine) => void)[] = [];

  private constructor(/** What does the work. */ readonly device: DeviceName) {}

  /** @param weightBytes what an engine holds (`heldBytes`) @throws as openEngine */
  static async open(
    openEngine: (options: EngineOptions) => Promise<EngineHost>,
    options: EngineOptions,
    weightBytes: number,
    cores = availableParallelism(),
  ): Promise<Engines> {
    const first = await openEngine(options);
    const device = options.device === 'cpu' ? 'cpu' : (await first.status()).device.name;
    const engines = new Engines(device);
    const count =
      device === 'cpu' ? Math.max(1, Math.min(cores, Math.floor(weightBudget / Math.max(1, weightBytes)))) : 1;
    if (count === 1) engines.#engines.push({ host: first, busy: false });
    else {
      await first.close();
      const threads = Math.max(1, Math.floor(cores / count));
      for (let n = 0; n < count; n++)
        engines.#engines.push({ host: await openEngine({ ...options, device: 'cpu', threads }), busy: false });
    }
    return engines;
  }

  /** Batches that are worth asking for at once. */
  get width(): number {
    return this.#engines.length;
  }

  /** By the first engine that is free. @throws as models/collections/caption-batch.ts */
  async captionBatch(request: BatchRequest, options: { signal?: AbortSignal } = {}): Promise<BatchAnswer> {
    const free = this.#engines.find(({ busy }) => !busy);
    const engine = free ?? (await new Promise<Engine>((resolve) => this.#waiting.push(resolve)));
    engine.busy = true;
    try {
      return await engine.host.captionBatch(request, options);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(engine);
      else engine.busy = false;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map(({ host }) => host.close()));
  }
}

/**
 * Weights that may be held several times, all together: while they are loaded they take about four times as much, and
 * others want to live on the machine too.
 */
const weightBudget = totalmem() / 16;

/**
 * About how many bytes of weights an engine holds that captions by these decoders: those of their graphs and of the
 * towers. At 8 bit a matrix of single precision, as most files have them, is a quarter, and token tables are a half.
 * @throws weights-invalid
 */
export function heldBytes(manifest: Manifest, decoders: readonly string[], precision: Precision): number {
  const graphs = graphNamesOf(manifest).map((name) => graphOf(manifest, name));
  const used = graphs.filter(({ name, decoder }) => decoder === name || decoders.includes(decoder));
  const keys = new Set(used.flatMap(({ files }) => files));
  const stored = [...keys].reduce((sum, key) => sum + (manifest.files[key]?.bytes ?? 0), 0);
  return stored * (precision === 'q8' ? 0.3 : 1);
}
