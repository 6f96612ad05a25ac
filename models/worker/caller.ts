import { StudioError } from '../errors';
import { EventQueue } from '../event-queue';
import type { Calls, Emitted, FromWorker, Name, ToWorker, WorkerPort } from './messages';

export type CallOptions = {
  /** Stops the call; it then ends as its worker ends it. */ signal?: AbortSignal;
  /** Stop one lane of it each, while the others go on. */
  laneSignals?: readonly (readonly [lane: string, signal: AbortSignal | undefined])[];
  /** Buffers that go over instead of being copied. */ transfer?: ArrayBuffer[];
};
type InFlight = {
  onEvent?: (event: unknown) => void;
  resolve: (value: unknown) => void;
  reject: (error: StudioError) => void;
};

/**
 * Calls a worker. It starts with the first call, and anew with the first one after its end. However a worker ends (it
 * crashed, its script did not load, it was ended), every call in flight is rejected, in `#rejectAll`.
 */
export class Caller<C extends Calls, Note = never> {
  readonly #inFlight = new Map<number, InFlight>();
  #worker: WorkerPort | undefined;
  #next = 1;

  /**
   * `start` makes the worker and calls `died`, in words, when that has ended by itself; `fault` is what its calls are
   * rejected with then.
   */
  constructor(
    private readonly start: (died: (why: string) => void) => WorkerPort,
    private readonly fault: (why: string) => StudioError,
    private readonly on: { note?: (note: Note) => void; /** The worker is no more. */ end?: () => void } = {},
  ) {}

  /** Whether there is a worker now. */
  get alive(): boolean {
    return this.#worker !== undefined;
  }

  /** Whether a call is in flight. */
  get busy(): boolean {
    return this.#inFlight.size > 0;
  }

  /** Asks, and resolves with the answer. @throws what the worker failed with; `fault` where it died */
  call<K extends Name<C>>(name: K, asks: C[K]['asks'], options: CallOptions = {}): Promise<C[K]['answers']> {
    return this.#begin(name, asks, options).done;
  }

  /**
   * Asks, and yields what the call emits, in order. Ending the loop early stops the call and waits for its end: the
   * worker is free again then. @throws as call()
   */
  async *stream<K extends Name<C>>(
    name: K,
    asks: C[K]['asks'],
    options: CallOptions = {},
  ): AsyncGenerator<Emitted<C, K>, void, void> {
    const queue = new EventQueue<Emitted<C, K>>();
    let settled = false;
    const { done, stop } = this.#begin(name, asks, options, (event) => queue.push(event as Emitted<C, K>));
    const end = done.finally(() => {
      settled = true;
      queue.close();
    });
    end.catch(() => undefined);
    try {
      yield* queue.drain();
      await end;
    } finally {
      if (!settled) {
        stop();
        await end.catch(() => undefined);
      }
    }
  }

  /** Starts the worker before it is asked anything. */
  wake(): void {
    this.#worker ??= this.#start();
  }

  /** Ends the worker, which gives its memory back; calls in flight are rejected. */
  async end(error: StudioError): Promise<void> {
    const worker = this.#worker;
    this.#rejectAll(error);
    await worker?.terminate();
  }

  #begin<K extends Name<C>>(
    name: K,
    asks: C[K]['asks'],
    { signal, laneSignals = [], transfer = [] }: CallOptions,
    onEvent?: (event: unknown) => void,
  ): { done: Promise<C[K]['answers']>; stop: (lane?: string) => void } {
    const id = this.#next++;
    const settled = new AbortController();
    const done = new Promise<C[K]['answers']>((resolve, reject) =>
      this.#inFlight.set(id, { onEvent, resolve, reject }),
    ).finally(() => settled.abort());
    let worker: WorkerPort | undefined;
    const stop = (lane?: string) => {
      if (this.#worker === worker && this.#inFlight.has(id))
        worker?.postMessage({ kind: 'stop', id, ...(lane === undefined ? {} : { lane }) } satisfies ToWorker<C>, []);
    };
    try {
      this.wake();
      worker = this.#worker!;
      worker.ref?.();
      worker.postMessage({ kind: 'call', id, call: name, asks } as ToWorker<C>, transfer);
      onAbort(signal, () => stop(), settled.signal);
      for (const [lane, of] of laneSignals) onAbort(of, () => stop(lane), settled.signal);
    } catch (cause) {
      // No worker can be made here, or what was asked is no data.
      this.#settle(id)?.reject(
        cause instanceof StudioError ? cause : this.fault('it could not be started, or not be given its work'),
      );
    }
    return { done, stop };
  }

  #start(): WorkerPort {
    const worker = this.start((why) => {
      if (this.#worker === worker) this.#rejectAll(this.fault(why));
    });
    worker.onmessage = ({ data }) => {
      if (this.#worker === worker && data) this.#hear(data as FromWorker<C, Note>);
    };
    return worker;
  }

  #hear(message: FromWorker<C, Note>): void {
    if (message.kind === 'note') return this.on.note?.(message.note);
    // A call that is over hears no more.
    if (message.kind === 'event') return this.#inFlight.get(message.id)?.onEvent?.(message.event);
    if (message.kind !== 'done' && message.kind !== 'failed') return;
    const call = this.#settle(message.id);
    if (message.kind === 'done') call?.resolve(message.value);
    else call?.reject(StudioError.fromData(message.error));
  }

  #settle(id: number): InFlight | undefined {
    const call = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    if (!this.busy) this.#worker?.unref?.();
    return call;
  }

  #rejectAll(error: StudioError): void {
    this.#worker = undefined;
    this.on.end?.();
    const calls = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const call of calls) call.reject(error);
  }
}

/** Calls once the signal fires, or at once where it has; no more after `until`. */
function onAbort(signal: AbortSignal | undefined, call: () => void, until: AbortSignal): void {
  if (signal?.aborted) call();
  else signal?.addEventListener('abort', call, { once: true, signal: until });
}
