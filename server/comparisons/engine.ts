import type { EngineHost } from '../engine/host';

/** What the comparisons need of the engine (server/engine/host.ts), which starts anew by itself after it broke. */
export type Engine = Pick<EngineHost, 'compare' | 'devices' | 'close'> &
  Partial<Pick<EngineHost, 'embedTexts' | 'embedImage' | 'scoreText' | 'captionBatch' | 'status'>>;

/** Opens the engine when it is first needed. */
export class EngineSource {
  #opened: Promise<Engine> | undefined;
  constructor(private readonly open: () => Promise<Engine>) {}

  get(): Promise<Engine> {
    if (!this.#opened) {
      const opened = this.open();
      opened.catch(() => {
        if (this.#opened === opened) this.#opened = undefined;
      });
      this.#opened = opened;
    }
    return this.#opened;
  }

  async close(): Promise<void> {
    const current = this.#opened;
    this.#opened = undefined;
    await current?.then((engine) => engine.close()).catch(() => undefined);
  }
}
