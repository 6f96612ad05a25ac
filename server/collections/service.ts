import { setMaxListeners } from 'node:events';
import { EventQueue } from '../../models/event-queue';
import { partsOf, runName, type RunSettings, shardName, shardSize } from '../../models/collections/shards';
import { StudioError } from '../../models/errors';
import type { Database } from '../db/open';
import { told } from '../errors/told';
import { localOwner } from '../owners/signing';
import type { Give } from './run/in-order';
import { collectionsFolder } from './run/folder';
import { Places } from './run/places';
import { RunReferences } from './run/references';
import { Owner } from './run/process-lock';
import { type PhotoRow, readPhotos, ShardFiles } from './run/shard-files';
import { RunStore } from './run/store';
import type { BatchEngine, NamedShard, Prepare, RunCounts, RunProgress, RunRequest, RunView } from './run/types';
import { work } from './run/work';

/** What works for one run: the engine, and what makes of a picture's bytes what its towers read. */
export type RunTools = {
  engine: BatchEngine;
  prepare: Prepare;
  /** They are not needed any more. */ close?(): Promise<void>;
};
type Live = {
  request: RunRequest;
  give?: Give;
  stop: AbortController;
  listeners: Set<EventQueue<RunProgress>>;
  latest?: RunProgress;
  ended: Promise<RunProgress>;
  over: boolean;
};

/** Runs that nobody worked on for so long are forgotten, and their shards with them. */
const keptMs = 30 * 24 * 3600_000;

/**
 * Runs of collections: begun, told of, paused, gone on with, cancelled, listed. Several processes may work on one run:
 * each takes shards of its own, and the database has the state. Shards lie beside it.
 */
export class CollectionService {
  readonly store: RunStore;
  readonly #folder: string;
  readonly #files: ShardFiles;
  readonly #places: Places;
  readonly #references: RunReferences;
  readonly #live = new Map<string, Live>();
  #owner: Owner | undefined;
  #closing = false;

  constructor(
    database: Database,
    private readonly parts: {
      tools(settings: RunSettings): Promise<RunTools>;
      /** How often a worker says that it lives, and after how long without it its shards are anybody's. */
      heartbeatMs: number;
      staleMs: number;
    },
  ) {
    this.store = new RunStore(database);
    this.#folder = collectionsFolder(database);
    this.#files = new ShardFiles(this.#folder);
    this.#places = new Places(this.#folder);
    this.#references = new RunReferences(this.#folder);
  }

  /**
   * Begins a run, or goes on with the same: what is done already is not done again.
   * @param give takes the photos in the order of the run; without it they stay in the shards alone @returns its id
   * @throws option-invalid (no inputs)
   */
  async start(request: RunRequest, give?: Give): Promise<string> {
    const { inputs, settings, title, ownerId = localOwner, origin, anew = false } = request;
    if (!inputs.length) throw new StudioError('option-invalid', 'The collection has no photos.');
    const shards: NamedShard[] = [];
    for (const part of partsOf(inputs.length, request.shardSize ?? shardSize))
      shards.push({ ...part, name: await shardName(inputs.slice(part.first, part.first + part.count), settings) });
    const id = await runName(
      shards.map(({ name }) => name),
      ownerId === localOwner ? undefined : ownerId,
    );
    const before = this.#live.get(id);
    // One that was paused or stopped may still be about to end.
    if (before?.over === false && (await this.store.counts(id)).status !== 'running')
      await before.ended.catch(() => undefined);
    if (before?.over === false) {
      await request.release?.();
      if (give) throw new StudioError('busy', 'This run is worked on here already.');
      return id;
    }
    // What is over for good is not kept; what was paused may be gone on with.
    for (const [other, { over, latest }] of this.#live)
      if (over && (latest?.status === 'finished' || latest?.status === 'cancelled')) this.#live.delete(other);
    const stop = new AbortController();
    // All that is worked on at once listens.
    setMaxListeners(0, stop.signal);
    const live: Live = { request, give, stop, listeners: new Set(), ended: undefined!, over: false };
    this.#live.set(id, live);
    try {
      const old = await this.store.forget(new Date(Date.now() - keptMs));
      for (const name of old.shards) await this.#files.remove(name);
      for (const run of old.runs) await this.#forget(run);
      await this.#places.keep(id, inputs);
      const run = { id, ownerId, title, settings, total: inputs.length, shards, output: request.output, origin };
      const again = await this.store.begin(run, { anew });
      for (const name of again) await this.#files.remove(name);
      const done = await this.store.doneShards(id);
      await this.store.reopen(
        id,
        done.filter((name) => !this.#files.isWhole(name)),
      );
    } catch (error) {
      this.#live.delete(id);
      await request.release?.();
      throw error;
    }
    live.ended = this.#work(id, shards, live);
    live.ended.catch(() => undefined);
    return id;
  }

  /**
   * How far a run of this process is, until it ends; the last says how (`status`). @throws what it failed with, and
   * not-found
   */
  async *follow(id: string): AsyncGenerator<RunProgress, void, void> {
    const live = this.#liveRun(id);
    const queue = new EventQueue<RunProgress>();
    if (live.latest) queue.push(live.latest);
    live.listeners.add(queue);
    try {
      yield* queue.drain();
      await live.ended;
    } finally {
      live.listeners.delete(queue);
    }
  }

  /** How fast a run goes, where this process works on it; nothing of it is known until it has begun. */
  pace(id: string): Partial<Pick<RunProgress, 'imagesPerSecond' | 'secondsLeft'>> | undefined {
    const live = this.#live.get(id);
    return live?.over === false ? (live.latest ?? {}) : undefined;
  }

  /** Runs that this process works on. */
  get working(): number {
    return [...this.#live.values()].filter(({ over }) => !over).length;
  }

  /** Forgets a run and what only it has. @throws busy (it is worked on), not-found */
  async remove(id: string): Promise<void> {
    const { working } = await this.store.view(id);
    if (working || this.#live.get(id)?.over === false)
      throw new StudioError('busy', 'The collection is worked on. Stop it first, then delete it.');
    this.#live.delete(id);
    for (const name of await this.store.remove(id)) await this.#files.remove(name);
    await this.#forget(id);
  }

  /** What lies beside the shards of a run. */
  async #forget(run: string): Promise<void> {
    await this.#places.forget(run);
    await this.#references.forget(run);
  }

  /** Ends after the batches that are worked on, in all processes. @throws not-found, busy */
  pause = (id: string): Promise<void> => this.store.set(id, 'paused');

  /** Goes on with a run that was begun in this process. @throws not-found */
  async resume(id: string): Promise<string> {
    const { request, give, ended } = this.#liveRun(id);
    // It may still be about to pause.
    await ended.catch(() => undefined);
    return this.start({ ...request, anew: false }, give);
  }

  /** Ends for good, in all processes; whole batches stay for whoever begins the same again. @throws not-found, busy */
  async cancel(id: string): Promise<void> {
    await this.store.set(id, 'cancelled');
    this.#live.get(id)?.stop.abort();
  }

  /** This process works on it no more and keeps what it has; others go on. @throws what it failed with */
  async stop(id: string): Promise<void> {
    const { stop, ended } = this.#liveRun(id);
    stop.abort();
    await ended;
  }

  /** The photos of a finished run, in its order. */
  async *photos(id: string): AsyncGenerator<PhotoRow, void, void> {
    for (const name of await this.store.doneShards(id)) yield* readPhotos(this.#files.whole(name));
  }

  /** Newest first. */
  list = (owner = localOwner): Promise<RunView[]> => this.store.list(owner);
  view = (id: string): Promise<RunView> => this.store.view(id);

  /** Runs of this process are interrupted: they keep what they have, and may be gone on with. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const { stop } of this.#live.values()) stop.abort();
    await Promise.allSettled([...this.#live.values()].map(({ ended }) => ended));
    this.#owner?.close();
  }

  async #work(id: string, shards: readonly NamedShard[], live: Live): Promise<RunProgress> {
    const { request, give, stop, listeners } = live;
    const { settings, inputs } = request;
    const { heartbeatMs, staleMs: leaseMs } = this.parts;
    const owner = (this.#owner ??= new Owner(this.#folder));
    const pace = new Pace();
    const hear = (counts: RunCounts) => {
      live.latest = { id, ...counts, ...pace.of(counts) };
      for (const queue of listeners) queue.push(live.latest);
    };
    let tools: RunTools | undefined;
    try {
      tools = await this.parts.tools(settings);
      const place = { store: this.store, files: this.#files, owner, ...tools, heartbeatMs, leaseMs };
      const status = await work(place, { id, settings, inputs, shards, give, onProgress: hear, signal: stop.signal });
      if (status !== 'finished') await this.store.leave(id, owner.id, 'paused');
    } catch (error) {
      const fault = told(error);
      const stopped = stop.signal.aborted && fault.code === 'cancelled';
      // A database that fails too is no second fault: the lease runs out by itself.
      const as = !stopped ? fault.toData() : this.#closing ? 'interrupted' : 'paused';
      await this.store.leave(id, owner.id, as).catch(() => undefined);
      if (!stopped) throw fault;
    } finally {
      await tools?.close?.().catch(() => undefined);
      await request.release?.().catch(() => undefined);
      live.over = true;
      const counts = await this.store.counts(id).catch(() => undefined);
      if (counts) hear(counts);
      for (const queue of listeners) queue.close();
    }
    return live.latest!;
  }

  #liveRun(id: string): Live {
    const live = this.#live.get(id);
    if (!live) throw new StudioError('not-found', 'This process does not work on that run.');
    return live;
  }
}

/** Images a second since the first word of a run, by all who work on it, and the time that is left. */
class Pace {
  readonly #start = performance.now();
  #before: number | undefined;

  of({ done, total }: RunCounts): { imagesPerSecond: number; secondsLeft?: number } {
    this.#before ??= done;
    const imagesPerSecond = (1000 * (done - this.#before)) / Math.max(performance.now() - this.#start, 1);
    return { imagesPerSecond, ...(imagesPerSecond > 0 ? { secondsLeft: (total - done) / imagesPerSecond } : {}) };
  }
}
