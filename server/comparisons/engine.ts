import type { StudioEvent } from '../../models/events';
import type { Precision } from '../../models/runtime/types';
import type { RgbImage } from '../../models/spaces/image';
import type { DeviceCard } from '../trpc/types';

export type EngineRequest = {
  family: string;
  precision?: Precision;
  input: { kind: 'image'; image: RgbImage };
  lanes: { id: string; decoder: string; options?: Record<string, unknown> }[];
};

/** What the comparisons need of the engine host (server/engine/host.ts): a few of its methods. */
export interface Engine {
  compare(request: EngineRequest, options: { signal?: AbortSignal }): AsyncIterable<StudioEvent>;
  devices(): Promise<DeviceCard[]>;
  close(): Promise<void>;
}

/** Opens the engine when it is first needed, and anew after it broke. */
export class EngineSource {
  #opened: Promise<Engine> | undefined;
  constructor(private readonly open: () => Promise<Engine>) {}

  get(): Promise<Engine> {
    if (!this.#opened) {
      const opened = this.open();
      opened.catch(() => this.#forget(opened));
      this.#opened = opened;
    }
    return this.#opened;
  }

  /** To be told when `engine` failed as a whole, so that the next comparison gets a fresh one. */
  async broken(engine: Engine): Promise<void> {
    const current = this.#opened;
    if (!current || (await current.catch(() => undefined)) !== engine) return;
    this.#forget(current);
    await engine.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    const current = this.#opened;
    this.#opened = undefined;
    await current?.then((engine) => engine.close()).catch(() => undefined);
  }

  #forget(opened: Promise<Engine>): void {
    if (this.#opened === opened) this.#opened = undefined;
  }
}
