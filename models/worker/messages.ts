import type { ErrorData } from '../errors';

/**
 * What a worker can be asked, by name: what a call `asks`, what it `answers` at its end, and what it `emits` until
 * then, in order. All of it crosses as data (structured clone).
 */
export type Calls = Record<string, { asks: unknown; answers: unknown; emits?: unknown }>;
export type Name<C extends Calls> = keyof C & string;
export type Emitted<C extends Calls, K extends Name<C>> = C[K] extends { emits: infer E } ? E : never;

/** To the worker; `id` names the call. With a lane only that part of its work stops. */
export type ToWorker<C extends Calls> =
  | { [K in Name<C>]: { kind: 'call'; id: number; call: K; asks: C[K]['asks'] } }[Name<C>]
  | { kind: 'stop'; id: number; lane?: string };

/** From the worker: of a call, or (`note`) of no call. Errors cross as data with a code. */
export type FromWorker<C extends Calls, Note = never> =
  | {
      [K in Name<C>]:
        { kind: 'event'; id: number; event: Emitted<C, K> } | { kind: 'done'; id: number; value: C[K]['answers'] };
    }[Name<C>]
  | { kind: 'failed'; id: number; error: ErrorData }
  | { kind: 'note'; note: Note };

/**
 * One end of a channel, as a browser's Worker, its inside, and every MessagePort have it. Buffers that are listed go
 * over instead of being copied.
 */
export interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  onmessage: ((event: { data: unknown }) => void) | null;
}

/** A worker from outside. One that can be told so (Node's) keeps its process alive only while it is at work. */
export interface WorkerPort extends Port {
  terminate(): unknown;
  ref?(): void;
  unref?(): void;
}
