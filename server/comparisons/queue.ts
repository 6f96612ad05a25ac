import { StudioError } from '../../models/errors';

export interface Ticket {
  /** Resolves when it is this ticket's turn. @throws cancelled when the signal fires first */
  turn(signal: AbortSignal): Promise<void>;
  /** Gives the place back; safe to call again. */
  leave(): void;
}

type Waiting = { admitted: boolean; start: () => void; moved: (ahead: number) => void };

/** A bounded line: a few work, a few wait in order of arrival, everybody else is told `busy` at once. */
export class WorkQueue {
  readonly #waiting: Waiting[] = [];
  #running = 0;
  constructor(
    private readonly limits: { running: number; waiting: number },
    private readonly what: string,
  ) {}

  get running(): number {
    return this.#running;
  }
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Takes a place. `moved` hears how many are ahead, now and whenever that changes, until the turn comes.
   * @throws busy when every place is taken
   */
  enter(moved: (ahead: number) => void = () => {}): Ticket {
    const free = this.#running < this.limits.running;
    if (!free && this.#waiting.length >= this.limits.waiting)
      throw new StudioError(
        'busy',
        `The studio is busy: ${this.#running} ${this.what} running and ${this.#waiting.length} waiting, no more places. Try again in a moment.`,
        {
          details: { running: this.#running, waiting: this.#waiting.length },
        },
      );
    let start = () => {};
    const started = new Promise<void>((resolve) => (start = resolve));
    const entry: Waiting = { admitted: free, start, moved };
    if (free) {
      this.#running++;
      start();
    } else {
      this.#waiting.push(entry);
      moved(this.#running + this.#waiting.length - 1);
    }
    let left = false;
    return {
      turn: (signal) => untilAborted(started, signal),
      leave: () => {
        if (left) return;
        left = true;
        if (entry.admitted) this.#running--;
        else this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        this.#advance();
      },
    };
  }

  #advance(): void {
    while (this.#running < this.limits.running) {
      const next = this.#waiting.shift();
      if (!next) break;
      this.#running++;
      next.admitted = true;
      next.start();
    }
    this.#waiting.forEach((entry, index) => entry.moved(this.#running + index));
  }
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const cancelled = () => new StudioError('cancelled', 'Cancelled while waiting.');
  if (signal.aborted) return Promise.reject(cancelled());
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    void promise.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
