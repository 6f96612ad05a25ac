import { StudioError, throwIfAborted } from '../errors';
import type { Session, Tensor } from './types';

type Load = { order: number; since: number; begin: () => Promise<void> };
type Job = {
  lane: Lane;
  since: number;
  begin: () => Promise<void>;
  fail: (error: StudioError) => void;
  signal?: AbortSignal;
};

/**
 * One run in flight per device: overlapping runs hang WebGPU, and a run in Node blocks its thread. Among waiting lanes
 * the one with
 * the least device time so far goes first, so that all lanes stream at once and a heavy one cannot starve a light one.
 * A lane that
 * has waited longer than `patienceMs` goes before all, so that newcomers cannot starve it either. Graphs are loaded in
 * between: a lane
 * that has all of its own streams while its neighbours still load.
 */
export class Scheduler {
  #waiting: Job[] = [];
  #loads: Load[] = [];
  #lastLoad = -Infinity;
  #busy = false;
  #last: Lane | undefined;

  /** `slowMs` makes every run take that much longer (tests of streaming and cancelling). */
  constructor(
    private readonly slowMs = 0,
    private readonly patienceMs = 1_000,
  ) {}

  /**
   * A lane's own entrance to the device. Its clock starts level with the lanes that are at work, so that a newcomer
   * cannot block them.
   */
  lane(signal?: AbortSignal): Lane {
    const level = this.#waiting.length
      ? Math.min(...this.#waiting.map((job) => job.lane.virtualMs))
      : (this.#last?.virtualMs ?? 0);
    return new Lane(this, level, signal);
  }

  enqueue<T>(lane: Lane, work: () => Promise<T>, signal?: AbortSignal, stage?: string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const begin = async () => {
        const start = performance.now();
        try {
          const result = await work();
          if (this.slowMs) await new Promise((done) => setTimeout(done, this.slowMs));
          lane.charge(performance.now() - start, stage);
          resolve(result);
        } catch (error) {
          lane.charge(performance.now() - start, stage);
          reject(error);
        }
      };
      this.#waiting.push({ lane, since: performance.now(), begin, fail: reject, signal });
      // Lanes that became ready by the same answer all queue up before the next is chosen.
      queueMicrotask(() => void this.#next());
    });
  }

  /**
   * Makes a session when no run waits for the device, or when a load has waited long enough. `work` must not wait for
   * anything else
   * than the device (files are fetched before). The least `order` comes first.
   */
  load<T>(order: number, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#loads.push({ order, since: performance.now(), begin: () => work().then(resolve, reject) });
      queueMicrotask(() => void this.#next());
    });
  }

  async #next(): Promise<void> {
    if (this.#busy || !(this.#waiting.length || this.#loads.length)) return;
    this.#busy = true;
    // A turn of the event loop lets the other lanes queue up and an abort arrive.
    await new Promise<void>((done) => nextTurn(done));
    this.#waiting = this.#waiting.filter((job) => {
      if (!job.signal?.aborted) return true;
      job.fail(new StudioError('cancelled', 'Cancelled.'));
      return false;
    });
    const load = this.#dueLoad();
    const chosen = load ? undefined : this.#choose();
    if (load) {
      this.#loads.splice(this.#loads.indexOf(load), 1);
      await load.begin();
      this.#lastLoad = performance.now();
    }
    if (chosen) {
      this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
      this.#last = chosen.lane;
      await chosen.begin();
    }
    this.#busy = false;
    if (this.#waiting.length || this.#loads.length) queueMicrotask(() => void this.#next());
  }

  #dueLoad(): Load | undefined {
    const first = this.#loads.reduce<Load | undefined>(
      (least, load) => (least && least.order <= load.order ? least : load),
      undefined,
    );
    if (!first || !this.#waiting.length) return first;
    return performance.now() - Math.max(this.#lastLoad, Math.min(...this.#loads.map(({ since }) => since))) >
      this.patienceMs
      ? first
      : undefined;
  }

  /** Jobs wait in the order in which they came, so the first is the one that has waited longest. */
  #choose(): Job | undefined {
    const oldest = this.#waiting[0];
    if (!oldest || performance.now() - oldest.since > this.patienceMs) return oldest;
    return this.#waiting.reduce((least, job) => (job.lane.virtualMs < least.lane.virtualMs ? job : least));
  }
}

/**
 * Goes on in the next turn of the event loop. Browsers hold nested timers back for 4 ms, which is as long as a step:
 * messages are not.
 */
const nextTurn: (done: () => void) => void =
  typeof setImmediate === 'function' ? (done) => setImmediate(done) : turnsByMessage();

function turnsByMessage(): (done: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (done) => {
    waiting.push(done);
    port2.postMessage(undefined);
  };
}

/** What runs sessions on behalf of a lane, in one kind of its work. */
export interface Runner {
  /** Runs a session when it is this lane's turn. @throws cancelled when the signal fired before the run began. */
  run(session: Session, feeds: Record<string, Tensor>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
}
/** A lane as its decoder sees it: an entrance for each kind of work. */
export interface Stages {
  at(stage: string): Runner;
}
export type StageTime = { stage: string; deviceMs: number; runs: number };

/**
 * What a decoder runs its sessions through: counts its runs and its own time on the device, in all and for each stage.
 */
export class Lane implements Runner, Stages {
  /** Device time of this lane in milliseconds, and the number of model runs. */
  deviceMs = 0;
  runs = 0;
  readonly #stages = new Map<string, StageTime>();
  readonly #head: number;

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

  /** Device time by stage, in the order in which the stages began. */
  get stages(): StageTime[] {
    return [...this.#stages.values()].map((time) => ({ ...time }));
  }

  /** The lane for one kind of work, which its time is then counted under. */
  at(stage: string): Runner {
    return { run: (session, feeds, fetches) => this.run(session, feeds, fetches, stage) };
  }

  charge(ms: number, stage = 'other'): void {
    this.deviceMs += ms;
    this.#stage(stage).deviceMs += ms;
  }

  run(
    session: Session,
    feeds: Record<string, Tensor>,
    fetches?: readonly string[],
    stage?: string,
  ): Promise<Record<string, Tensor>> {
    throwIfAborted(this.signal);
    return this.scheduler.enqueue(
      this,
      () => {
        this.runs++;
        this.#stage(stage ?? 'other').runs++;
        return session.run(feeds, fetches);
      },
      this.signal,
      stage,
    );
  }

  #stage(name: string): StageTime {
    let time = this.#stages.get(name);
    if (!time) this.#stages.set(name, (time = { stage: name, deviceMs: 0, runs: 0 }));
    return time;
  }
}
