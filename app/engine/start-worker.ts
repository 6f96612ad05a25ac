import type { WorkerPort } from '@/models/worker/messages';

/** Starts a Web Worker of the engine; `died` hears why it ended by itself. */
export function startWorker(script: string | URL, name: string, died: (why: string) => void): WorkerPort {
  const worker = new Worker(script, { type: 'module', name });
  worker.onerror = (event) => {
    // Its own words stay in the console.
    worker.terminate();
    died(event.message ? 'its script failed' : 'its script did not load');
  };
  return worker as WorkerPort;
}
