// The import's worker thread: reading and writing hundreds of megabytes of tensors keeps its thread busy, and must not keep the
// server's or the command line's. It is ended to cancel it.
import { parentPort, workerData } from 'node:worker_threads';
import { StudioError } from '../../models/errors';
import { importFamily } from '../weights/import-family';
import type { FromImportWorker, ImportWork } from './import-host';

const { base, files, ...work } = workerData as ImportWork;
const send = (message: FromImportWorker) => parentPort!.postMessage(message);
let told = 0;

importFamily({
  ...work,
  files: files.map((path) => ({ path })),
  ...(base ? { base } : {}),
  onProgress: ({ what, done, total }) => {
    const now = performance.now();
    if (now - told < 100 && done < total) return;
    told = now;
    send({ kind: 'progress', what, done, total });
  },
}).then(
  () => send({ kind: 'done' }),
  (error: unknown) => send({ kind: 'failed', error: StudioError.from(error).toData() }),
);
