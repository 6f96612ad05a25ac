/**
 * Tells React once a frame that something has changed: what arrives together is drawn together. A hidden tab draws no
 * frames.
 */
export class Notifier {
  readonly #listeners = new Set<() => void>();
  #frame = 0;
  #version = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly version = (): number => this.#version;

  soon(): void {
    if (typeof document !== 'undefined' && document.hidden) return this.now();
    this.#frame ||= requestAnimationFrame(() => this.now());
  }

  now(): void {
    if (this.#frame) cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
