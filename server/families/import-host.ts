import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorData, StudioError } from '../../models/errors';
import { NativeThread } from '../../models/runtime/node-thread';
import { threadFault } from '../errors/why';
import { disableTelemetry } from '../../models/runtime/node-telemetry';
import type { Said } from '../../models/said';
import { type FamilyDirs, familyFolder } from '../weights/folders';
import type { Answerer, Importer, WorkEvents } from './import-job';

export type ImportWork = {
  task: 'import';
  kind: string;
  files: readonly string[];
  name: string;
  /** A folder. */ base?: string;
  into: string;
  options?: Record<string, string | number | boolean>;
};
export type AnswerWork = { task: 'answers'; /** Folders. */ folder: string; base?: string };
export type FromImportWorker =
  | { kind: 'progress'; what: Said; done: number; total: number }
  | { kind: 'done' }
  | { kind: 'failed'; error: ErrorData };

/**
 * Imports in a worker thread of its own (import-worker.ts), so that everything else goes on and a cancel takes effect
 * at once.
 */
export const importInWorker =
  (dirs: FamilyDirs): Importer =>
  async ({ base, out, ...job }, events) =>
    inWorker(
      {
        ...job,
        task: 'import',
        into: out,
        ...(base === undefined ? {} : { base: (await familyFolder(base, dirs)).folder }),
      },
      events,
    );

/** The golden answers of a family's graphs, in such a thread: what the import held of memory is given back before. */
export const answerInWorker =
  (dirs: FamilyDirs): Answerer =>
  async ({ folder, base }, events) =>
    inWorker(
      { task: 'answers', folder, ...(base === undefined ? {} : { base: (await familyFolder(base, dirs)).folder }) },
      events,
    );

async function inWorker(workerData: ImportWork | AnswerWork, { onProgress, signal }: WorkEvents): Promise<void> {
  const root = process.env.STUDIO_ROOT || process.cwd();
  const file = join(/* turbopackIgnore: true */ root, '.studio', 'import-worker.mjs');
  if (!existsSync(file))
    throw new StudioError(
      'internal',
      `${file} is missing. \`npm start\` and \`npm run studio\` make it; start them in the repository.`,
    );
  if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
  disableTelemetry();
  const thread = new NativeThread(file, workerData);
  const { worker } = thread;
  try {
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new StudioError('cancelled', 'Cancelled.')), { once: true });
      worker.on('message', (message: FromImportWorker) => {
        if (message.kind === 'progress') onProgress(message.what, message.done, message.total);
        else if (message.kind === 'done') resolve();
        else reject(StudioError.fromData(message.error));
      });
      worker.on('error', (cause) => reject(threadFault('The import stopped', cause)));
      worker.on('exit', (code) =>
        reject(
          new StudioError(
            'internal',
            `The import's thread ended with ${code}, perhaps for want of memory. Close other programs and try again.`,
          ),
        ),
      );
    });
  } finally {
    await thread.end();
  }
}
