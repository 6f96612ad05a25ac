import { msg } from '../languages/msg';
import type { BenchJob, BenchResult, FromBench } from '../engine/bench-jobs';

/** Does one job in a worker of its own, which is ended afterwards. */
export function runBenchJob(job: BenchJob, onNote: (text: string) => void, signal: AbortSignal): Promise<BenchResult> {
  return new Promise((resolve) => {
    const worker = new Worker('/engine/bench-worker.js', { type: 'module' });
    const end = (result: BenchResult) => {
      worker.terminate();
      signal.removeEventListener('abort', stop);
      resolve(result);
    };
    const stop = () => end({ ...job, error: msg('stopped') });
    signal.addEventListener('abort', stop);
    worker.onmessage = ({ data }: MessageEvent<FromBench>) =>
      data.kind === 'note' ? onNote(data.text) : end(data.result);
    worker.onerror = (event) =>
      end({ ...job, error: event.message ? msg('its script failed') : msg('the worker did not start') });
    worker.postMessage(job);
  });
}
