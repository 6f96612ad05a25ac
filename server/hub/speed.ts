/** How fast bytes arrive, over a sliding window, so that a slow start or a pause does not count for ever. */
export class Speed {
  readonly #samples: { at: number; bytes: number }[] = [];

  /** @param windowMs what counts as now @param clock milliseconds, monotonic */
  constructor(
    private readonly windowMs = 8_000,
    private readonly clock = () => performance.now(),
  ) {
    this.#samples.push({ at: this.clock(), bytes: 0 });
  }

  /** `bytes` in all so far. */
  reached(bytes: number): void {
    const now = this.clock();
    const last = this.#samples.at(-1)!;
    // A sample every 100 ms is enough; the newest is always kept exact.
    if (this.#samples.length > 1 && now - this.#samples.at(-2)!.at < 100) Object.assign(last, { at: now, bytes });
    else this.#samples.push({ at: now, bytes });
    while (this.#samples.length > 2 && now - this.#samples[1]!.at > this.windowMs) this.#samples.shift();
  }

  /** Bytes a second now; undefined before anything can be said. */
  get bytesPerSecond(): number | undefined {
    const [first, last] = [this.#samples[0]!, this.#samples.at(-1)!];
    const seconds = (Math.max(last.at, this.clock()) - first.at) / 1000;
    return seconds > 0.2 && last.bytes > first.bytes ? (last.bytes - first.bytes) / seconds : undefined;
  }

  secondsLeft(bytesLeft: number): number | undefined {
    const speed = this.bytesPerSecond;
    return speed ? bytesLeft / speed : undefined;
  }
}
