import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorData, StudioError } from '../../models/errors';
import type { Checked } from './check-export';
import { refused } from './split-export';

export type FromImportThread =
  | { kind: 'checked' }
  | { kind: 'comparison'; checked: Checked }
  | { kind: 'done' }
  | { kind: 'failed'; error: ErrorData };

/** Enough for the largest comparison that is taken, as text and as values; the file itself lies outside of the heap. */
const heapMegabytes = 1_024;

/**
 * Checks an export in a thread of its own (import-thread.ts), all of it, then gives its comparisons one by one, each
 * when it is asked for. `bytes` go to the thread and are empty afterwards where they are all of their buffer.
 * @throws import-invalid, image-unreadable, image-too-large
 */
export async function readInThread(bytes: Uint8Array): Promise<AsyncGenerator<Checked>> {
  const file = join(
    /* turbopackIgnore: true */ process.env.STUDIO_ROOT || process.cwd(),
    '.studio',
    'import-thread.mjs',
  );
  if (!existsSync(file))
    throw new StudioError(
      'internal',
      `${file} is missing. \`npm start\` and \`npm run studio\` make it; start them in the repository.`,
    );
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  const thread = new Worker(/* turbopackIgnore: true */ file, {
    workerData: bytes,
    transferList: whole ? [bytes.buffer as ArrayBuffer] : [],
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  // The thread's next word.
  let heard = expectation<FromImportThread>();
  thread.on('message', (message: FromImportThread) =>
    message.kind === 'failed' ? heard.reject(StudioError.fromData(message.error)) : heard.resolve(message),
  );
  thread.on('error', (cause: NodeJS.ErrnoException) => heard.reject(threadError(cause)));
  thread.on('exit', () => heard.reject(threadError(new Error('it ended'))));
  const next = (): Promise<FromImportThread> => {
    heard = expectation();
    thread.postMessage('next');
    return heard.promise;
  };
  try {
    await heard.promise;
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  return each(thread, next);
}

async function* each(thread: Worker, next: () => Promise<FromImportThread>): AsyncGenerator<Checked> {
  try {
    for (let message = await next(); message.kind === 'comparison'; message = await next()) yield message.checked;
  } finally {
    await thread.terminate();
  }
}

function threadError(cause: NodeJS.ErrnoException): StudioError {
  if (cause.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return refused(
      `A comparison of the file takes more than ${heapMegabytes} MB of memory to read, more than any that was made here. Export fewer comparisons at once.`,
      cause,
    );
  return new StudioError('internal', 'The thread that reads the import ended early. Try again.', { cause });
}

function expectation<T>() {
  let [resolve, reject]: [(value: T) => void, (error: unknown) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((...both) => ([resolve, reject] = both));
  promise.catch(() => undefined); // it may fail before anybody waits for it
  return { promise, resolve, reject };
}
