import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CompareInput } from '../../models/compare';
import { StudioError } from '../../models/errors';
import { Stops } from '../../models/stops';
import { told } from '../errors/told';
import { maxLanes } from '../../models/events';
import { localOwner } from '../owners/signing';
import type { ComparisonView, StreamItem } from '../../kept/comparison';
import type { SampleName } from '../../kept/samples';
import type { CreateComparison, ExtendComparison, SaveComparison } from '../../kept/requests';
import type { CreatedComparison } from '../../kept/answers';
import type { EngineSource } from './engine';
import { EventLog } from './event-log';
import { randomId } from '../db/random-id';
import { type ImageStore } from './images';
import { Listeners } from './listeners';
import { WorkQueue, type Ticket } from './queue';
import type { Planner } from './catalogue';
import { runComparison, type RunInput } from './run';
import { beingWorkedOn, type ComparisonStore, tooManyLanes } from './store';

export type ServiceSettings = {
  running: number;
  waiting: number;
  /** Milliseconds; see server/env/env.ts. */
  graceMs: number;
  firstListenerMs: number;
  heartbeatMs: number;
  staleMs: number;
};

type Active = { family: string; log: EventLog; listeners: Listeners; stops: Stops; done: Promise<void> };
type Work = {
  family: string;
  space?: string;
  precision?: CreateComparison['precision'];
  input: RunInput;
  lanes: { id: string; decoder: string; options: Record<string, unknown> }[];
};

/** How often a comparison that another server works on is looked up. */
const pollMs = 500;

/** Makes, runs, shows and cancels comparisons. One for each server process; several may share a database. */
export class ComparisonService {
  readonly instanceId = randomUUID();
  readonly #active = new Map<string, Active>();
  readonly #queue: WorkQueue;
  /** Comparisons that are about to get more lanes. */
  readonly #extending = new Set<string>();
  /** Requests that are being taken in. */
  readonly #entering = new Set<Promise<unknown>>();
  #heart: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(
    private readonly parts: {
      store: ComparisonStore;
      images: ImageStore;
      engine: EngineSource;
      plan: Planner;
      sampleImage: (name?: SampleName) => Promise<string>;
      /** An error as those may read it who will see the comparison. */
      readable: (error: StudioError) => StudioError;
    },
    private readonly settings: ServiceSettings,
  ) {
    this.#queue = new WorkQueue(settings, 'comparisons');
  }

  /** Marks what dead servers left, then keeps saying that this one lives. */
  async start(): Promise<void> {
    await this.#tend();
    this.#heart = setInterval(() => void this.#tend(), this.settings.heartbeatMs);
    this.#heart.unref();
  }

  /**
   * Takes a comparison in and answers at once; the work goes on in the queue.
   * @throws busy, not-found (the picture), decoder-unknown, option-invalid
   */
  create(
    request: CreateComparison,
    { ownerId = localOwner, replayOf }: { ownerId?: string; replayOf?: string } = {},
  ): Promise<CreatedComparison> {
    return this.#enter(() => this.#create(request, ownerId, replayOf));
  }

  async #create(request: CreateComparison, ownerId: string, replayOf: string | undefined): Promise<CreatedComparison> {
    const log = new EventLog();
    // The place first: a full house must answer without any work.
    const ticket = this.#queue.enter(ownerId, (ahead) => log.append({ kind: 'queued', ahead }));
    try {
      const planned = await this.parts.plan(request);
      const { input } = request;
      const imageId =
        input.kind === 'sample'
          ? await this.parts.sampleImage(input.sample)
          : input.kind === 'image'
            ? input.imageId
            : undefined;
      if (imageId !== undefined && !(await this.parts.images.has(imageId, ownerId)))
        throw new StudioError(
          'not-found',
          'The picture of this comparison is not here (an upload that no comparison uses is removed after a day). Upload it again.',
        );
      const id = randomId();
      const embedding =
        input.kind === 'embedding'
          ? { values: input.values, modality: input.modality ?? ('image' as const) }
          : undefined;
      await this.parts.store.create({
        id,
        ...planned,
        precision: request.precision,
        input: input.kind,
        ...(input.kind === 'sample' && input.sample ? { sample: input.sample } : {}),
        imageId,
        embedding: embedding?.values,
        modality: embedding?.modality,
        instanceId: this.instanceId,
        ownerId,
        title: request.title,
        replayOf,
      });
      this.#run(
        id,
        { ...planned, precision: request.precision, input: imageId === undefined ? embedding! : { imageId } },
        log,
        ticket,
      );
      return { id, lanes: planned.lanes.map(({ id: lane, decoder }) => ({ id: lane, decoder })) };
    } catch (error) {
      ticket.leave();
      throw error;
    }
  }

  /**
   * Runs more lanes of a comparison's input in that comparison, after those that still run. One such request at a time
   * may wait for that.
   * @throws busy, not-found, forbidden (a browser computed it), decoder-unknown, option-invalid
   */
  extend(request: ExtendComparison, ownerId: string = localOwner): Promise<CreatedComparison> {
    if (this.#extending.has(request.id))
      return Promise.reject(
        new StudioError('busy', 'More lanes of this comparison are about to begin. Try again when they are done.'),
      );
    this.#extending.add(request.id);
    return this.#enter(() => this.#extend(request, ownerId)).finally(() => this.#extending.delete(request.id));
  }

  async #extend({ id, lanes }: ExtendComparison, ownerId: string): Promise<CreatedComparison> {
    await this.ended(id);
    this.#demandOpen();
    const view = await this.get(id);
    if (view.computedBy === 'client')
      throw new StudioError(
        'option-invalid',
        'A browser computed this comparison, so the server cannot go on with it. Run its input again with the lane on the server.',
      );
    if (view.status === 'queued' || view.status === 'running') throw beingWorkedOn();
    const input: RunInput | undefined = view.image
      ? { imageId: view.image.id }
      : view.embedding
        ? { values: view.embedding, modality: view.modality ?? 'image' }
        : undefined;
    if (!input)
      throw new StudioError(
        'not-found',
        'The input of this comparison is not kept here, so nothing more can be run on it. Begin anew with the photo.',
      );
    const there = view.lanes.map((lane) => lane.id);
    const planned = await this.parts.plan({ input: { kind: 'sample' }, family: view.family, lanes }, there);
    if (new Set([...there, ...planned.lanes.map((lane) => lane.id)]).size > maxLanes) throw tooManyLanes();
    const log = new EventLog(view.items);
    const ticket = this.#queue.enter(ownerId, (ahead) => log.append({ kind: 'queued', ahead }));
    try {
      await this.parts.store.extend(id, planned.lanes, this.instanceId, view.items.length);
      this.#run(
        id,
        {
          family: view.family,
          space: planned.space,
          precision: view.precision ?? undefined,
          input,
          lanes: planned.lanes,
        },
        log,
        ticket,
      );
      return { id, lanes: planned.lanes.map(({ id: lane, decoder }) => ({ id: lane, decoder })) };
    } catch (error) {
      ticket.leave();
      throw error;
    }
  }

  /** Keeps what a browser computed. @throws not-found (the picture) */
  async save(saved: SaveComparison, ownerId: string = localOwner): Promise<{ id: string }> {
    if (saved.imageId !== undefined && !(await this.parts.images.has(saved.imageId, ownerId)))
      throw new StudioError('not-found', 'The picture of this comparison is not here. Save it again.');
    const id = randomId();
    await this.parts.store.save(id, saved, this.instanceId, ownerId);
    return { id };
  }

  /**
   * Items of a comparison after number `after` (-1: from the start), live while it runs, up to `ended`. Counts as a
   * listener.
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
    for (let next = after + 1; !signal?.aborted;) {
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

  /**
   * Stops a comparison and waits until that is written, or one lane of it; what has ended stays as it is. @throws
   * not-found
   */
  async cancel(id: string, lane?: string): Promise<ComparisonView> {
    const active = this.#active.get(id);
    active?.stops.stop(lane);
    if (lane !== undefined) return this.get(id);
    await active?.done;
    const view = await this.get(id);
    if (view.status === 'queued' || view.status === 'running')
      throw new StudioError(
        'not-found',
        'Another server works on this comparison; cancel it there, or close its page and it stops by itself.',
      );
    return view;
  }

  /** Stops what this server runs of these comparisons, and waits until it has ended. */
  async end(ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        this.#active.get(id)?.stops.stop();
        await this.ended(id);
      }),
    );
  }

  /** Resolves when the comparison has ended; at once where this server does not work on it. */
  async ended(id: string): Promise<void> {
    await this.#active.get(id)?.done;
  }

  /** Whether a comparison of a family waits or runs here. */
  uses(family: string): boolean {
    return [...this.#active.values()].some((active) => active.family === family);
  }

  /** Whether somebody waits for a comparison. */
  get waited(): boolean {
    return this.#queue.running + this.#queue.waiting > 0;
  }

  load(): { running: number; waiting: number } {
    return { running: this.#queue.running, waiting: this.#queue.waiting };
  }

  /** Ends everything: unfinished lanes become interrupted, and are written as such. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#heart);
    // What is being taken in just now begins, and is ended like the rest.
    for (;;) {
      const active = [...this.#active.values()];
      for (const { stops } of active) stops.stop(undefined, shutDown());
      const pending = [...active.map(({ done }) => done), ...this.#entering];
      if (pending.length === 0) return;
      await Promise.allSettled(pending);
    }
  }

  async #enter<T>(work: () => Promise<T>): Promise<T> {
    this.#demandOpen();
    const entering = work();
    this.#entering.add(entering);
    return entering.finally(() => this.#entering.delete(entering));
  }

  #demandOpen(): void {
    if (this.#closing) throw new StudioError('busy', 'The server is shutting down. Try again in a moment.');
  }

  #run(id: string, work: Work, log: EventLog, ticket: Ticket): void {
    const stops = new Stops();
    const listeners = new Listeners(this.settings.graceMs, this.settings.firstListenerMs, () => stops.stop());
    const { store, images, engine, readable } = this.parts;
    const rows = store.run(id, this.instanceId);
    const input = async (): Promise<CompareInput> =>
      'imageId' in work.input
        ? { kind: 'image' as const, image: await images.pixels(work.input.imageId) }
        : {
            kind: 'embedding' as const,
            embedding: {
              space: work.space ?? work.family,
              modality: work.input.modality,
              state: 'raw' as const,
              values: Float32Array.from(work.input.values),
            },
          };
    const done = runComparison({ id, ...work, log, rows, engine, ticket, stops, input, readable })
      .catch((error: unknown) => console.error(`Comparison ${id} could not be written:`, error))
      .finally(() => {
        ticket.leave();
        listeners.close();
        this.#active.delete(id);
      });
    this.#active.set(id, { family: work.family, log, listeners, stops, done });
  }

  async #tend(): Promise<void> {
    const now = Date.now();
    const { store, images } = this.parts;
    const chores = [
      () => store.beat([...this.#active.keys()], this.instanceId, new Date(now)),
      () => store.interruptStale(new Date(now - this.settings.staleMs)),
      () => images.removeUnused(now),
      () => store.removeExpired(now),
    ];
    // Each for itself: on a full disk the last ones make room.
    for (const chore of chores)
      await chore().catch((error: unknown) =>
        console.error('Tidying failed, and is tried again:', told(error).message),
      );
  }
}

const shutDown = () =>
  new StudioError(
    'interrupted',
    'The server was shut down before this was done. Run it again for the missing captions.',
  );
