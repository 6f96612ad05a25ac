import { Worker } from 'node:worker_threads';

const megabytes = 256;
const copies = 8;
const copier = `
  const { parentPort, workerData } = require('node:worker_threads');
  const from = new Uint8Array(${megabytes} * 2 ** 20).fill(1);
  const to = new Uint8Array(from.length);
  to.set(from);
  const ready = new Int32Array(workerData.ready);
  Atomics.add(ready, 0, 1);
  while (Atomics.load(ready, 0) < workerData.threads) ;
  let best = Infinity;
  for (let i = 0; i < ${copies}; i++) {
    const start = performance.now();
    to.set(from);
    best = Math.min(best, performance.now() - start);
  }
  parentPort.postMessage(best);
`;

/**
 * Memory bandwidth of a large copy on several threads at once, in GB/s: bytes read plus bytes written, over the best of
 * a few copies.
 */
export async function copyBandwidth(threads: number): Promise<number> {
  const ready = new SharedArrayBuffer(4);
  const times = await Promise.all(
    Array.from(
      { length: threads },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(copier, { eval: true, workerData: { ready, threads } });
          worker.once('message', resolve);
          worker.once('error', reject);
        }),
    ),
  );
  return times.reduce((sum, ms) => sum + (2 * megabytes * 2 ** 20) / (ms / 1000), 0) / 1e9;
}
