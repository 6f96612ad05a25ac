import { type Ratings, ratingsOf } from '@/kept/ratings';
import type { Problem } from '../languages/problem-text';
import { newLane } from '../views/film';
import type { ComparisonView, StreamItem } from '@/kept/comparison';
import type { CreateComparison, ExtendComparison } from '@/kept/requests';
import { type Absence, absenceOf } from './absence';
import { problemOf, type StudioClient } from '../client/client';
import { applyItem, type ComparisonState, fromView } from './lane-state';
import { Notifier } from './notifier';

export type Followed = {
  state: ComparisonState;
  picture: ComparisonView['image'];
  input: ComparisonView['input'];
  embedding: number[] | null;
  modality: ComparisonView['modality'];
  references: readonly string[];
  ratings: Ratings;
  title: string;
};
type Entry = {
  shown?: Followed;
  problem?: Problem;
  absence?: Absence;
  waiting: StreamItem[];
  stop?: () => void;
  generation: number;
  ended: Set<() => void>;
};

/** Comparisons of the server that this page follows, any number at once. */
export class ServerComparisons {
  readonly notifier = new Notifier();
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly client: StudioClient) {}

  /** How it stands now. Items that came since the last frame are applied first. */
  shown(id: string | undefined): Followed | undefined {
    const entry = id === undefined ? undefined : this.#entries.get(id);
    if (entry?.shown && entry.waiting.length)
      entry.shown = { ...entry.shown, state: entry.waiting.splice(0).reduce(applyItem, entry.shown.state) };
    return entry?.shown;
  }

  problem(id: string | undefined): Problem | undefined {
    return id === undefined ? undefined : this.#entries.get(id)?.problem;
  }

  /** Why it is not there; undefined where it is, or that is not known. */
  absence(id: string | undefined): Absence | undefined {
    return id === undefined ? undefined : this.#entries.get(id)?.absence;
  }

  /** Loads a comparison, and follows it while it runs. */
  follow(id: string): void {
    if (!this.#entries.has(id)) void this.#load(id);
  }

  /** @throws Error of the server */
  async create(request: CreateComparison): Promise<string> {
    const { id } = await this.client.comparison.create.mutate(request);
    void this.#load(id);
    return id;
  }

  /** Runs more lanes in a comparison. @throws Error of the server */
  async extend(request: ExtendComparison): Promise<void> {
    await this.client.comparison.extend.mutate(request);
    await this.#load(request.id);
  }

  /** Stops a comparison or one lane of it. */
  async cancel(id: string, lane?: string): Promise<void> {
    try {
      await this.client.comparison.cancel.mutate({ id, ...(lane === undefined ? {} : { lane }) });
    } catch (error) {
      this.#fail(id, error);
    }
  }

  /** Resolves when it has ended, or cannot be followed any more. */
  whenEnded(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    const state = this.shown(id)?.state.status;
    if (!entry || entry.problem || (state && state !== 'queued' && state !== 'running')) return Promise.resolve();
    return new Promise((resolve) => entry.ended.add(resolve));
  }

  close(): void {
    for (const entry of this.#entries.values()) entry.stop?.();
    this.#entries.clear();
  }

  async #load(id: string): Promise<void> {
    const before = this.#entries.get(id);
    before?.stop?.();
    const entry: Entry = {
      shown: before?.shown,
      waiting: [],
      generation: (before?.generation ?? 0) + 1,
      ended: before?.ended ?? new Set(),
    };
    this.#entries.set(id, entry);
    const current = () => this.#entries.get(id) === entry;
    try {
      const view = await this.client.comparison.get.query({ id });
      if (!current()) return;
      const running = view.status === 'queued' || view.status === 'running';
      const state = fromView(view);
      // Lanes that were asked for once more do not show their old caption while they wait.
      const waiting = new Set(view.lanes.filter(({ status }) => status === 'waiting').map((lane) => lane.id));
      const lanes = running ? state.lanes.map((lane) => (waiting.has(lane.id) ? newLane(lane) : lane)) : state.lanes;
      entry.shown = {
        state: { ...state, lanes, ...(running ? { status: view.status } : {}) },
        picture: view.image,
        input: view.input,
        embedding: view.embedding,
        modality: view.modality,
        references: view.references,
        ratings: ratingsOf(view.lanes),
        title: view.title,
      };
      this.notifier.soon();
      if (!running) return this.#end(entry);
      const subscription = this.client.comparison.events.subscribe(
        { id, lastEventId: view.lastEventId },
        {
          onData: ({ data }) => {
            if (!current()) return;
            entry.waiting.push(data);
            if (data.kind === 'ended') {
              entry.stop?.();
              this.#end(entry);
            }
            this.notifier.soon();
          },
          onError: (error) => current() && this.#fail(id, error),
        },
      );
      entry.stop = () => subscription.unsubscribe();
    } catch (error) {
      if (current()) this.#fail(id, error);
    }
  }

  #end(entry: Entry): void {
    const ended = [...entry.ended];
    entry.ended.clear();
    for (const resolve of ended) resolve();
  }

  #fail(id: string, error: unknown): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.problem = problemOf(error);
    entry.absence = absenceOf(error);
    this.#end(entry);
    this.notifier.soon();
  }
}
