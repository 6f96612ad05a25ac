/**
 * Tells its listeners once a frame that something has changed: what arrives together is drawn together. A hidden tab
 * draws no frames.
 */
export class Notifier {
  readonly #listeners = new Set<() => void>();
  #frame = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly soon = (): void => {
    if (typeof document !== 'undefined' && document.hidden) return this.#now();
    this.#frame ||= requestAnimationFrame(this.#now);
  };

  readonly #now = (): void => {
    if (this.#frame) cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    for (const listener of [...this.#listeners]) listener();
  };
}

/** A value that is made anew only once something has changed, which its listeners hear. */
export class Watched<T> {
  readonly #notifier = new Notifier();
  #made: { value: T } | undefined;

  constructor(private readonly make: () => T) {}

  /** The same object while nothing changed. */
  readonly value = (): T => (this.#made ??= { value: this.make() }).value;
  readonly subscribe = this.#notifier.subscribe;

  readonly changed = (): void => {
    this.#made = undefined;
    this.#notifier.soon();
  };
}
