import type { MessagePort } from 'node:worker_threads';
import type { NativeThread } from '../../models/runtime/node-thread';
import type { Port, WorkerPort } from '../../models/worker/messages';
import { threadFault } from '../errors/why';

/** A worker thread from outside; `died` hears why it ended by itself. */
export function threadPort(thread: NativeThread, died: (why: string) => void): WorkerPort {
  const { worker } = thread;
  const port: WorkerPort = {
    onmessage: null,
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => thread.end(),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
  worker.on('message', (data: unknown) => port.onmessage?.({ data }));
  worker.on('error', (error) => died(threadFault('A fault in its thread', error).message.replace(/[.]$/, '')));
  worker.on('exit', (code) => died(`its thread ended with ${code}`));
  return port;
}

/** The same from inside. */
export function ownPort(parent: MessagePort): Port {
  const port: Port = { onmessage: null, postMessage: (message, transfer) => parent.postMessage(message, transfer) };
  parent.on('message', (data: unknown) => port.onmessage?.({ data }));
  return port;
}
