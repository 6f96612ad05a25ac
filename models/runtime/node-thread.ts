import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

// A thread that is ended inside a call of native code can end the whole process: onnxruntime-node throws there where
// nobody catches ("terminate called after throwing an instance of 'Napi::Error'"). So a thread says when it is inside,
// by memory that it shares with whoever started it, and is ended outside only.

/** Places in the shared memory: native calls that run, and whether the thread is to end. */
const [calls, ending] = [0, 1];
/** A call that takes longer hangs, as far as anybody waits. */
const patienceMs = 10_000;

type Shared = { nativeCalls?: SharedArrayBuffer };
const memory = isMainThread ? undefined : (workerData as Shared | null)?.nativeCalls;
const own = memory && new Int32Array(memory);

/** Before native code; where the thread is to end, it goes no further. */
export function enterNative(): void {
  if (!own) return;
  Atomics.add(own, calls, 1);
  if (Atomics.load(own, ending) === 0) return;
  leaveNative();
  Atomics.wait(own, ending, 1);
}

/** After it, whatever came of it. */
export function leaveNative(): void {
  if (!own) return;
  Atomics.sub(own, calls, 1);
  Atomics.notify(own, calls);
}

/** A call of native code, seen from within its thread. Outside of a `NativeThread` it is the call alone. */
export async function nativeCall<T>(call: () => Promise<T>): Promise<T> {
  enterNative();
  try {
    return await call();
  } finally {
    leaveNative();
  }
}

/**
 * A worker thread that calls native code. `data` is its `workerData`. It is ended by `end`, never by `terminate`; so it
 * is when the process exits.
 */
export class NativeThread {
  readonly worker: Worker;
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));

  constructor(file: string, data: object) {
    const nativeCalls = this.#shared.buffer as SharedArrayBuffer;
    this.worker = new Worker(/* turbopackIgnore: true */ file, { workerData: { ...data, nativeCalls } });
    const wait = () => this.#waitOutside();
    process.on('exit', wait);
    this.worker.once('exit', () => process.off('exit', wait));
  }

  /** Ends the thread at once, or after the native call that it is in. */
  async end(): Promise<void> {
    Atomics.store(this.#shared, ending, 1);
    const until = Date.now() + patienceMs;
    while (Atomics.load(this.#shared, calls) > 0 && Date.now() < until) await sleep(5);
    await this.worker.terminate();
  }

  /** While the process exits, which ends its threads. */
  #waitOutside(): void {
    Atomics.store(this.#shared, ending, 1);
    const until = Date.now() + patienceMs;
    for (let n; (n = Atomics.load(this.#shared, calls)) > 0 && Date.now() < until;)
      Atomics.wait(this.#shared, calls, n, until - Date.now());
  }
}
