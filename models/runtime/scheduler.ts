import { StudioError, throwIfAborted } from '../errors';
import type { Session, Tensor } from './types';

type Job = { lane: Lane; since: number; begin: () => Promise<void>; fail: (error: StudioError) => void; signal?: AbortSignal };

/**
 * One run in flight per device: overlapping runs hang WebGPU, and a run in Node blocks its thread. Among waiting lanes the one with
 * the least device time so far goes first, so that all lanes stream at once and a heavy one cannot starve a light one. A lane that
 * has waited longer than `patienceMs` goes before all, so that newcomers cannot starve it either.
 */
export class Scheduler {
  #waiting: Job[] = [];
  #busy = false;
  #last: Lane | undefined;

  /** `slowMs` makes every run take that much longer (tests of streaming and cancelling). */
  constructor(
    private readonly slowMs = 0,
    private readonly patienceMs = 1_000,
  ) {}

  /** A lane's own entrance to the device. Its clock starts level with the lanes that are at work, so that a newcomer cannot block them. */
  lane(signal?: AbortSignal): Lane {
    const level = this.#waiting.length ? Math.min(...this.#waiting.map((job) => job.lane.virtualMs)) : (this.#last?.virtualMs ?? 0);
    return new Lane(this, level, signal);
  }

  enqueue<T>(lane: Lane, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const begin = async () => {
        const start = performance.now();
        try {
          const result = await work();
          if (this.slowMs) await new Promise((done) => setTimeout(done, this.slowMs));
          lane.charge(performance.now() - start);
          resolve(result);
        } catch (error) {
          lane.charge(performance.now() - start);
          reject(error);
        }
      };
      this.#waiting.push({ lane, since: performance.now(), begin, fail: reject, signal });
      // Lanes that became ready by the same answer all queue up before the next is chosen.
      queueMicrotask(() => void this.#next());
    });
  }

  async #next(): Promise<void> {
    if (this.#busy || !this.#waiting.length) return;
    this.#busy = true;
    // A turn of the event loop lets the other lanes queue up and an abort arrive.
    await new Promise<void>((done) => setImmediateOrTimeout(done));
    this.#waiting = this.#waiting.filter((job) => {
      if (!job.signal?.aborted) return true;
      job.fail(new StudioError('cancelled', 'Cancelled.'));
      return false;
    });
    const chosen = this.#choose();
    if (chosen) {
      this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
      this.#last = chosen.lane;
      await chosen.begin();
    }
    this.#busy = false;
    if (this.#waiting.length) queueMicrotask(() => void this.#next());
  }

  /** Jobs wait in the order in which they came, so the first is the one that has waited longest. */
  #choose(): Job | undefined {
    const oldest = this.#waiting[0];
    if (!oldest || performance.now() - oldest.since > this.patienceMs) return oldest;
    return this.#waiting.reduce((least, job) => (job.lane.virtualMs < least.lane.virtualMs ? job : least));
  }
}

const setImmediateOrTimeout: (done: () => void) => void = typeof setImmediate === 'function' ? (done) => setImmediate(done) : (done) => setTimeout(done, 0);

/** What a decoder runs its sessions through: counts its runs and its own time on the device. */
export class Lane {
  /** Device time of this lane in milliseconds, and the number of model runs. */
  deviceMs = 0;
  runs = 0;
  #head: number;

  constructor(
    private readonly scheduler: Scheduler,
    level: number,
    private readonly signal?: AbortSignal,
  ) {
    this.#head = level;
  }

  /** Device time plus the head start that makes a newcomer level with its neighbours. */
  get virtualMs(): number {
    return this.#head + this.deviceMs;
  }

  charge(ms: number): void {
    this.deviceMs += ms;
  }

  /** Runs a session when it is this lane's turn. @throws cancelled when the signal fired before the run began. */
  run(session: Session, feeds: Record<string, Tensor>, fetches?: readonly string[]): Promise<Record<string, Tensor>> {
    throwIfAborted(this.signal);
    return this.scheduler.enqueue(
      this,
      () => {
        this.runs++;
        return session.run(feeds, fetches);
      },
      this.signal,
    );
  }
}
