/** Counts who listens to a comparison and says when nobody has for a while. */
export class Listeners {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `abandoned` is called once nobody has listened for `graceMs`; a first listener has `firstMs` to come. */
  constructor(
    private readonly graceMs: number,
    firstMs: number,
    private readonly abandoned: () => void,
  ) {
    this.#wait(firstMs);
  }

  get count(): number {
    return this.#count;
  }

  /** Adds one; call the answer once when it goes. */
  join(): () => void {
    this.#count++;
    clearTimeout(this.#timer);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#count--;
      if (this.#count === 0) this.#wait(this.graceMs);
    };
  }

  /** Stops watching: the work has ended. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wait = () => {};
  }

  #wait = (ms: number): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.abandoned, ms);
    this.#timer.unref();
  };
}
