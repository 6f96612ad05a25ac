// The import's worker thread: reading and writing hundreds of megabytes of tensors keeps its thread busy, and must not
// keep the
// server's or the command line's. It is ended to cancel it.
import { parentPort, workerData } from 'node:worker_threads';
import { told } from '../errors/told';
import type { Said } from '../../models/said';
import { importFamily } from '../weights/import-family';
import { writeAnswers } from '../weights/write-answers';
import type { AnswerWork, FromImportWorker, ImportWork } from './import-host';

const work = workerData as ImportWork | AnswerWork;
const send = (message: FromImportWorker) => parentPort!.postMessage(message);
let lastTold = 0;

function tell(what: Said, done: number, total: number): void {
  const now = performance.now();
  if (now - lastTold < 100 && done < total) return;
  lastTold = now;
  send({ kind: 'progress', what, done, total });
}

function run(): Promise<unknown> {
  if (work.task === 'answers')
    return writeAnswers(work.folder, { ...(work.base ? { base: work.base } : {}), onProgress: tell });
  const { files, base, task: _, ...job } = work;
  return importFamily({
    ...job,
    files: files.map((path) => ({ path })),
    ...(base ? { base } : {}),
    onProgress: ({ what, done, total }) => tell(what, done, total),
  });
}

run().then(
  () => send({ kind: 'done' }),
  (error: unknown) => send({ kind: 'failed', error: told(error).toData() }),
);
