import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { StudioError } from '../../models/errors';
import { told } from '../errors/told';
import type { InstallProgress, ModelJob } from './types';

type Work = (job: {
  signal: AbortSignal;
  onProgress: (progress: InstallProgress) => void;
}) => Promise<Partial<Pick<ModelJob, 'verification'>> | void>;
type Running = { view: ModelJob; abort: AbortController; done: Promise<void> };

/** Ended jobs that are still told of, newest last. */
const keptEnded = 20;
/** Progress is told at most this often. */
const tellMs = 200;

/**
 * What this server does with families: pulls and imports one after the other (each takes memory and disk), checks
 * beside them. Jobs
 * belong to the server and not to a page: they go on when it is closed, and are found again when it is opened.
 */
export class ModelJobs {
  readonly #jobs = new Map<string, Running>();
  readonly #listeners = new Set<() => void>();
  #installs: Promise<void> = Promise.resolve();

  get all(): ModelJob[] {
    return [...this.#jobs.values()].map(({ view }) => view);
  }

  /** @throws busy when a job of this family is under way */
  start(kind: ModelJob['kind'], family: string, title: string, work: Work): ModelJob {
    if (this.all.some((job) => job.family === family && isOpen(job)))
      throw new StudioError(
        'busy',
        `The family ${family} is being worked on already. Wait until that has ended, or cancel it.`,
      );
    const abort = new AbortController();
    const id = randomUUID();
    const before = kind === 'verify' ? Promise.resolve() : this.#installs;
    const job: Running = {
      view: { id, kind, family, title, state: kind === 'verify' ? 'running' : 'waiting', startedAt: Date.now() },
      abort,
      done: Promise.resolve(),
    };
    this.#jobs.set(id, job);
    job.done = this.#run(job, before, work);
    if (kind !== 'verify') this.#installs = job.done;
    this.#forgetOld();
    this.#tell();
    return job.view;
  }

  /** Stops a job and waits until it has; one that has ended stays as it is. @throws not-found */
  async cancel(id: string): Promise<ModelJob> {
    const job = this.#jobs.get(id);
    if (!job)
      throw new StudioError(
        'not-found',
        'This job is not known here; the server may have been started anew. Reload the page.',
      );
    job.abort.abort();
    await job.done;
    return job.view;
  }

  /** All jobs as they are, now and after each change, until the signal fires. */
  async *follow(signal?: AbortSignal): AsyncGenerator<ModelJob[], void, void> {
    let changed = true;
    let wake = () => {};
    const listener = () => {
      changed = true;
      wake();
    };
    this.#listeners.add(listener);
    signal?.addEventListener('abort', listener);
    try {
      while (!signal?.aborted) {
        if (!changed) await new Promise<void>((resolve) => (wake = resolve));
        if (signal?.aborted) return;
        changed = false;
        yield this.all;
        await sleep(tellMs, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      this.#listeners.delete(listener);
      signal?.removeEventListener('abort', listener);
    }
  }

  /** Stops everything; downloads can be resumed. */
  async close(): Promise<void> {
    const open = [...this.#jobs.values()];
    for (const { abort } of open) abort.abort();
    await Promise.all(open.map(({ done }) => done));
  }

  async #run(job: Running, before: Promise<void>, work: Work): Promise<void> {
    const { signal } = job.abort;
    const set = (change: Partial<ModelJob>) => {
      job.view = { ...job.view, ...change };
      this.#tell();
    };
    await Promise.race([
      before,
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    ]);
    try {
      if (signal.aborted) throw new StudioError('cancelled', 'Cancelled.');
      set({ state: 'running' });
      const result = await work({ signal, onProgress: (progress) => set({ progress }) });
      set({ state: 'done', endedAt: Date.now(), progress: undefined, ...result });
    } catch (thrown) {
      const error = told(thrown);
      set(
        error.code === 'cancelled' || signal.aborted
          ? { state: 'cancelled', endedAt: Date.now(), progress: undefined }
          : { state: 'failed', endedAt: Date.now(), progress: undefined, error: error.toData() },
      );
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #forgetOld(): void {
    const ended = [...this.#jobs.entries()].filter(([, { view }]) => !isOpen(view));
    for (const [id] of ended.slice(0, Math.max(0, ended.length - keptEnded))) this.#jobs.delete(id);
  }
}

const isOpen = ({ state }: ModelJob) => state === 'waiting' || state === 'running';
