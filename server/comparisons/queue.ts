import { StudioError } from '../../models/errors';

export interface Ticket {
  /** Resolves when it is this ticket's turn. @throws cancelled when the signal fires first */
  turn(signal: AbortSignal): Promise<void>;
  /** Gives the place back; safe to call again. */
  leave(): void;
}

type Waiting = { owner: string; admitted: boolean; start: () => void; moved: (ahead: number) => void; told?: number };
/** `since`: the turn that it last had, or before which it came; `held`: places, at work and waiting. */
type Owner = { since: number; held: number; had: boolean };

/** Who came with one wish alone is put before owners of more that came or had a turn up to so many turns earlier. */
const headStart = 8;

/**
 * A bounded line: a few work, a few wait, everybody else is told `busy` at once.
 *
 * Turns go round by owner: next is whose last turn is the longest ago, and an owner's own keep their order. A newcomer
 * with one wish passes those who put in many at once; the head start is bounded, so nobody is passed for ever. When all
 * places to wait are taken, as many again are there for owners who hold none.
 */
export class WorkQueue {
  readonly #waiting: Waiting[] = [];
  readonly #owners = new Map<string, Owner>();
  #running = 0;
  #turns = 0;
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
  enter(owner = '', moved: (ahead: number) => void = () => {}): Ticket {
    const free = this.#running < this.limits.running;
    const places = this.limits.waiting * (this.#owners.has(owner) ? 1 : 2);
    if (!free && this.#waiting.length >= places)
      throw new StudioError(
        'busy',
        `The studio is busy: ${this.#running} ${this.what} running and ${this.#waiting.length} waiting, no more places. Try again in a moment.`,
        {
          details: { running: this.#running, waiting: this.#waiting.length },
        },
      );
    let start = () => {};
    const started = new Promise<void>((resolve) => (start = resolve));
    const entry: Waiting = { owner, admitted: false, start, moved };
    const mine = this.#owners.get(owner) ?? { since: this.#turns - 0.5, held: 0, had: false };
    mine.held++;
    this.#owners.set(owner, mine);
    if (free) this.#admit(entry);
    else {
      this.#waiting.push(entry);
      this.#tell();
    }
    let left = false;
    return {
      turn: (signal) => untilAborted(started, signal),
      leave: () => {
        if (left) return;
        left = true;
        if (entry.admitted) this.#running--;
        else this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        const last = this.#owners.get(owner)!;
        if (last.held > 1) last.held--;
        else this.#owners.delete(owner);
        while (this.#running < this.limits.running && this.#waiting.length > 0) {
          const next = nextOf(this.#waiting, this.#owners);
          this.#waiting.splice(this.#waiting.indexOf(next), 1);
          this.#admit(next);
        }
        this.#tell();
      },
    };
  }

  #admit(entry: Waiting): void {
    this.#running++;
    entry.admitted = true;
    Object.assign(this.#owners.get(entry.owner)!, { since: ++this.#turns, had: true });
    entry.start();
  }

  /** Says how many are ahead to those for whom that changed: the turns as they will be if nobody comes or goes. */
  #tell(): void {
    const owners = new Map([...this.#owners].map(([name, owner]) => [name, { ...owner }]));
    const left = [...this.#waiting];
    for (let turn = 0; left.length > 0; turn++) {
      const entry = nextOf(left, owners);
      left.splice(left.indexOf(entry), 1);
      Object.assign(owners.get(entry.owner)!, { since: this.#turns + turn + 1, had: true });
      const ahead = this.#running + turn;
      if (entry.told !== ahead) entry.moved((entry.told = ahead));
    }
  }
}

/** Whose turn it is; of owners that are alike, who came first. */
function nextOf(waiting: readonly Waiting[], owners: ReadonlyMap<string, Owner>): Waiting {
  const key = ({ owner }: Waiting) => {
    const { since, held, had } = owners.get(owner)!;
    return since - (held === 1 && !had ? headStart : 0);
  };
  return waiting.reduce((best, entry) => (key(entry) < key(best) ? entry : best));
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
