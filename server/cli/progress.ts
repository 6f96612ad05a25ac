import { duration } from '../../models/units';
import type { Io } from './io';

/**
 * Progress of captioning on standard error: one line rewritten in place on a terminal, a line every ten seconds
 * elsewhere.
 */
export class Progress {
  readonly #start = performance.now();
  #shown = this.#start;
  #line = '';
  #drawn = false;

  /**
   * @param total photos @param lanes captions a photo
   * @param how `elsewhere`: also where nobody looks on; `what`: one of what is counted
   */
  constructor(
    private readonly terminal: Io['stderr'],
    private readonly total: number,
    private readonly lanes: number,
    private readonly how: { elsewhere?: boolean; what?: string } = {},
  ) {}

  get #what(): string {
    return this.how.what ?? 'photo';
  }

  /** @param seen photos that are done, failed ones too @param pace where this clock does not know it */
  update(seen: number, pace?: { imagesPerSecond: number; secondsLeft?: number }): void {
    const now = performance.now();
    const seconds = Math.max((now - this.#start) / 1000, 0.001);
    const bar = '█'.repeat(Math.round((20 * seen) / Math.max(1, this.total))).padEnd(20, '░');
    const [rate, left] = pace
      ? [`${pace.imagesPerSecond.toFixed(1)} ${this.#what}s/s`, pace.secondsLeft]
      : [
          `${((seen * this.lanes) / seconds).toFixed(1)} captions/s`,
          ((this.total - seen) * seconds) / Math.max(1, seen),
        ];
    this.#line = `${bar} ${seen}/${this.total} ${this.#what}s, ${rate}${left === undefined ? '' : `, ${duration(left)} left`}`;
    if (!this.terminal.isTTY && this.how.elsewhere === false) return;
    if (now - this.#shown < (this.terminal.isTTY ? 100 : 10_000)) return;
    this.#shown = now;
    this.#drawn = true;
    this.terminal.write(this.terminal.isTTY ? `${clear}${this.#line}` : `${this.#line}\n`);
  }

  /** A line of its own, above the bar. */
  note(message: string): void {
    this.hide();
    this.terminal.write(`${message}\n`);
    this.show();
  }

  /** Takes the bar away, so that something else can be written to the terminal. */
  hide(): void {
    if (this.#drawn && this.terminal.isTTY) this.terminal.write(clear);
  }
  show(): void {
    if (this.#drawn && this.terminal.isTTY) this.terminal.write(this.#line);
  }

  /** The sum of it. */
  end(seen: number): void {
    this.endWith(`${seen} ${this.#what}${seen === 1 ? '' : 's'}, ${seen * this.lanes} captions`);
  }

  /** @param words what was done, which the time is added to */
  endWith(words: string): void {
    const seconds = (performance.now() - this.#start) / 1000;
    this.hide();
    this.#drawn = false;
    this.terminal.write(`${words} in ${duration(seconds)}\n`);
  }

  /** Ends without a word where none was said before. */
  endQuietly(seen: number): void {
    if (this.#drawn) this.end(seen);
  }
}

/** To the start of the terminal's line, and the rest of it away. */
const clear = '\r\u001b[K';
