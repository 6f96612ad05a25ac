import type { Io } from './io';

/**
 * Progress of captioning on standard error: one line rewritten in place on a terminal, a line every ten seconds
 * elsewhere.
 * @param total photos @param lanes captions a photo
 */
export class Progress {
  readonly #start = performance.now();
  #shown = this.#start;
  #line = '';

  constructor(
    private readonly terminal: Io['stderr'],
    private readonly total: number,
    private readonly lanes: number,
  ) {}

  /** @param seen photos that are done, failed ones too */
  update(seen: number): void {
    const now = performance.now();
    const seconds = Math.max((now - this.#start) / 1000, 0.001);
    const bar = '█'.repeat(Math.round((20 * seen) / Math.max(1, this.total))).padEnd(20, '░');
    this.#line = `${bar} ${seen}/${this.total} photos, ${((seen * this.lanes) / seconds).toFixed(1)} captions/s, ${duration(((this.total - seen) * seconds) / Math.max(1, seen))} left`;
    if (now - this.#shown < (this.terminal.isTTY ? 100 : 10_000)) return;
    this.#shown = now;
    this.terminal.write(this.terminal.isTTY ? `${clear}${this.#line}` : `${this.#line}\n`);
  }

  /** A line of its own, above the bar. */
  note(message: string): void {
    this.terminal.write(this.terminal.isTTY ? `${clear}${message}\n${this.#line}` : `${message}\n`);
  }

  end(seen: number): void {
    const seconds = (performance.now() - this.#start) / 1000;
    this.terminal.write(
      `${this.terminal.isTTY ? clear : ''}${seen} photos, ${seen * this.lanes} captions in ${duration(seconds)}\n`,
    );
  }
}

/** To the start of the terminal's line, and the rest of it away. */
const clear = '\r\u001b[K';

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60
    ? `${whole} s`
    : whole < 3600
      ? `${Math.floor(whole / 60)} min ${whole % 60} s`
      : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
