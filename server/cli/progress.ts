/** A progress line on standard error: rewritten in place on a terminal, one line every ten seconds elsewhere. */
export class Progress {
  readonly #start = performance.now();
  #shown = 0;
  constructor(
    private readonly what: string,
    private readonly total: number,
  ) {}

  update(done: number): void {
    const now = performance.now();
    const last = done === this.total;
    if (!last && now - this.#shown < (process.stderr.isTTY ? 100 : 10_000)) return;
    this.#shown = now;
    const seconds = (now - this.#start) / 1000;
    const left = done ? ((this.total - done) * seconds) / done : 0;
    const bar = '█'.repeat(Math.round((20 * done) / Math.max(1, this.total))).padEnd(20, '░');
    const line = `${bar} ${done}/${this.total} ${this.what}, ${(done / Math.max(seconds, 0.001)).toFixed(1)} a second, ${last ? `${seconds.toFixed(0)} s` : `${left.toFixed(0)} s left`}`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}${last ? '\n' : ''}` : `${line}\n`);
  }
}
