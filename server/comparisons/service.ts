import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { StudioError } from '../../models/errors';
import { localOwner } from '../owners/signing';
import type { ComparisonView, CreateComparison, CreatedComparison, SaveComparison, StreamItem } from '../trpc/types';
import type { EngineSource } from './engine';
import { EventLog } from './event-log';
import { randomId, type ImageStore } from './images';
import { Listeners } from './listeners';
import { WorkQueue, type Ticket } from './queue';
import { runComparison } from './run';
import type { ComparisonStore } from './store';

export type ServiceSettings = {
  running: number;
  waiting: number;
  /** Milliseconds; see server/env/env.ts. */
  graceMs: number;
  firstListenerMs: number;
  heartbeatMs: number;
  staleMs: number;
};

/** Turns a request into lanes that can run. @throws decoder-unknown, family-unknown, option-invalid */
export type Planner = (request: CreateComparison) => Promise<{ family: string; lanes: { id: string; decoder: string; options: Record<string, unknown> }[]; familyHash?: string; weightHashes?: Record<string, string> }>;

type Active = { log: EventLog; listeners: Listeners; abort: AbortController; done: Promise<void> };

/** How often a comparison that another server works on is looked up. */
const pollMs = 500;

/** Makes, runs, shows and cancels comparisons. One for each server process; several may share a database. */
export class ComparisonService {
  readonly instanceId = randomUUID();
  readonly #active = new Map<string, Active>();
  readonly #queue: WorkQueue;
  #heart: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(
    private readonly parts: { store: ComparisonStore; images: ImageStore; engine: EngineSource; plan: Planner; sampleImage: () => Promise<string> },
    private readonly settings: ServiceSettings,
  ) {
    this.#queue = new WorkQueue(settings, 'comparisons');
  }

  /** Marks what dead servers left, then keeps saying that this one lives. */
  async start(): Promise<void> {
    await this.#tend();
    this.#heart = setInterval(() => void this.#tend().catch((error: unknown) => console.error('Heartbeat failed:', error)), this.settings.heartbeatMs);
    this.#heart.unref();
  }

  /**
   * Takes a comparison in and answers at once; the work goes on in the queue.
   * @throws busy, not-found (the picture), decoder-unknown, option-invalid
   */
  async create(request: CreateComparison, { ownerId = localOwner, replayOf }: { ownerId?: string; replayOf?: string } = {}): Promise<CreatedComparison> {
    if (this.#closing) throw new StudioError('busy', 'The server is shutting down. Try again in a moment.');
    const log = new EventLog();
    // The place first: a full house must answer without any work.
    const ticket = this.#queue.enter((ahead) => log.append({ kind: 'queued', ahead }));
    try {
      const planned = await this.parts.plan(request);
      const imageId = request.input.kind === 'sample' ? await this.parts.sampleImage() : request.input.imageId;
      if (!(await this.parts.images.has(imageId, ownerId)))
        throw new StudioError('not-found', 'The picture of this comparison is not here (an upload that no comparison uses is removed after a day). Upload it again.');
      const id = randomId();
      await this.parts.store.create({ id, ...planned, precision: request.precision, input: request.input.kind, imageId, instanceId: this.instanceId, ownerId, title: request.title, replayOf });
      this.#run(id, { ...planned, precision: request.precision, imageId }, log, ticket);
      return { id, lanes: planned.lanes.map(({ id: lane, decoder }) => ({ id: lane, decoder })) };
    } catch (error) {
      ticket.leave();
      throw error;
    }
  }

  /** Keeps what a browser computed. @throws not-found (the picture) */
  async save(saved: SaveComparison, ownerId: string = localOwner): Promise<{ id: string }> {
    if (saved.imageId !== undefined && !(await this.parts.images.has(saved.imageId, ownerId))) throw new StudioError('not-found', 'The picture of this comparison is not here. Save it again.');
    const id = randomId();
    await this.parts.store.save(id, saved, this.instanceId, ownerId);
    return { id };
  }

  /**
   * Items of a comparison after number `after` (-1: from the start), live while it runs, up to `ended`. Counts as a listener.
   * @throws not-found
   */
  async *follow(id: string, after: number, signal?: AbortSignal): AsyncGenerator<[number, StreamItem]> {
    const active = this.#active.get(id);
    if (active) {
      const leave = active.listeners.join();
      try {
        yield* active.log.read(after + 1, signal);
      } finally {
        leave();
      }
      return;
    }
    for (let next = after + 1; !signal?.aborted; ) {
      // Status before items: what ends between the two is found in the next round.
      const status = await this.parts.store.status(id);
      for (const item of await this.parts.store.items(id, next)) yield [next++, item];
      if (status !== 'queued' && status !== 'running') return;
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @throws not-found */
  get(id: string): Promise<ComparisonView> {
    return this.parts.store.view(id, this.#active.get(id)?.log.items);
  }

  /** Stops a comparison and waits until that is written; one that has ended stays as it is. @throws not-found */
  async cancel(id: string): Promise<ComparisonView> {
    const active = this.#active.get(id);
    active?.abort.abort();
    await active?.done;
    const view = await this.get(id);
    if (view.status === 'queued' || view.status === 'running')
      throw new StudioError('not-found', 'Another server works on this comparison; cancel it there, or close its page and it stops by itself.');
    return view;
  }

  /** Resolves when the comparison has ended; at once where this server does not work on it. */
  async ended(id: string): Promise<void> {
    await this.#active.get(id)?.done;
  }

  load(): { running: number; waiting: number } {
    return { running: this.#queue.running, waiting: this.#queue.waiting };
  }

  /** Ends everything: unfinished lanes become interrupted, and are written as such. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#heart);
    const active = [...this.#active.values()];
    for (const { abort } of active) abort.abort(new StudioError('interrupted', 'The server was shut down before this was done. Run it again for the missing captions.'));
    await Promise.all(active.map(({ done }) => done));
  }

  #run(id: string, work: { family: string; precision?: CreateComparison['precision']; imageId: string; lanes: { id: string; decoder: string; options: Record<string, unknown> }[] }, log: EventLog, ticket: Ticket): void {
    const abort = new AbortController();
    const listeners = new Listeners(this.settings.graceMs, this.settings.firstListenerMs, () => abort.abort());
    const { store, images, engine } = this.parts;
    const done = runComparison({ id, ...work, log, store, engine, ticket, signal: abort.signal, image: () => images.pixels(work.imageId) })
      .catch((error: unknown) => console.error(`Comparison ${id} could not be written:`, error))
      .finally(() => {
        ticket.leave();
        listeners.close();
        this.#active.delete(id);
      });
    this.#active.set(id, { log, listeners, abort, done });
  }

  async #tend(): Promise<void> {
    const now = Date.now();
    await this.parts.store.beat([...this.#active.keys()], new Date(now));
    await this.parts.store.interruptStale(new Date(now - this.settings.staleMs));
    await this.parts.images.removeUnused(now);
    await this.parts.store.removeExpired(now);
  }
}
