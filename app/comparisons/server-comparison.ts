import type { ComparisonView, StreamItem } from '@/kept/comparison';
import { type Rating, type Ratings, ratingsOf } from '@/kept/ratings';
import { StudioError } from '@/models/errors';
import { problemOf, type StudioClient } from '../client/client';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';
import { newLane } from '../views/film';
import { type Absence, absenceOf } from './absence';
import type { Begun, Comparison, LaneWish, Needs, RunWish } from './comparison';
import { type Described, ofView } from './described';
import { followServer } from './follow-server';
import { applyItem, type ComparisonState, fromView } from './lane-state';
import { PersonSays, type Saying } from './person-says';
import { RatingDesk, withRatings } from './rating-desk';
import { isRunning, joinParts, nothingKnown, type Snapshot } from './snapshot';
import { serverInput, type Source, sourceName } from './source';
import { Watched } from './notifier';

/** What people may have changed of it. */
type Notes = Pick<ComparisonView, 'title' | 'references' | 'said'> & { ratings: Ratings };
type Shown = {
  state: ComparisonState;
  notes: Notes;
  /** What it is of. */
  of: Described;
  /** Items that have arrived. */
  items: number;
};

const away: Problem = {
  message: msg('The studio does not answer. It is asked again until it does; what was said so far stays.'),
};

/** A comparison of the studio's server: loaded, and followed while it runs. */
export class ServerComparison extends PersonSays implements Comparison {
  readonly address;
  readonly #watched = new Watched(() => this.#make());
  readonly #desk = new RatingDesk();
  readonly #ended = new Set<() => void>();
  #shown: Shown | undefined;
  #waiting: StreamItem[] = [];
  #problem: Problem | undefined;
  #absence: Absence | undefined;
  /** It cannot be followed, and asking again would not help. */
  #failed = false;
  /** Ends what follows it now. */
  #stop: () => void = () => undefined;

  constructor(
    id: string,
    private readonly needs: Needs,
  ) {
    super();
    this.address = { where: 'server' as const, id };
  }

  /** Begins one. @throws Error of the server */
  static async create(needs: Needs, source: Source, family: string, lanes: readonly LaneWish[]) {
    const { id } = await needs.client.comparison.create.mutate({
      input: await serverInput(source),
      lanes: lanes.map(({ place: _place, ...lane }) => lane),
      family,
      ...(source.kind === 'sample' ? {} : { title: sourceName(source).slice(0, 200) }),
    });
    return new ServerComparison(id, needs);
  }

  readonly snapshot = (): Snapshot => this.#watched.value();
  readonly subscribe = (listener: () => void) => this.#watched.subscribe(listener);

  /** Loads it, and follows it while it runs. */
  async load(): Promise<void> {
    this.#stop();
    const { asked, stop } = followServer(this.#client, this.#id, {
      onView: (view) => this.#take(view),
      onItem: (item) => {
        this.#waiting.push(item);
        this.#watched.changed();
      },
      onEnd: () => this.#end(),
      onAnswer: (answers) => this.#answers(answers),
      onFailure: (error) => this.#fail(error),
    });
    this.#stop = stop;
    await asked;
  }

  extend(wish: RunWish): Promise<Begun> {
    return this.needs.run(this, wish);
  }

  /** Runs more lanes here. @throws Error of the server */
  async more(lanes: readonly LaneWish[]): Promise<void> {
    await this.#client.comparison.extend.mutate({
      id: this.#id,
      lanes: lanes.map(({ place: _place, ...lane }) => lane),
    });
    await this.load();
  }

  async cancel(lane?: string): Promise<void> {
    // One that was just made has not been heard of yet.
    if (this.#shown && !this.snapshot().running) return;
    try {
      await this.#client.comparison.cancel.mutate({ id: this.#id, ...(lane === undefined ? {} : { lane }) });
    } catch (error) {
      this.#problem = problemOf(error);
      this.#watched.changed();
    }
  }

  whenEnded(): Promise<void> {
    if (this.#failed || (this.#shown && !this.snapshot().running)) return Promise.resolve();
    return new Promise((resolve) => this.#ended.add(resolve));
  }

  rate(lane: string, rating: Rating | undefined): Promise<void> {
    const keep = async () => {
      await this.#client.history.rate.mutate({ id: this.#id, lane, rating: rating ?? null });
      this.#note(({ ratings }) => ({ ratings: withRatings(ratings, { [lane]: rating }) }));
    };
    return this.#desk.give(lane, rating, keep, this.#watched.changed);
  }

  async setReferences(lines: readonly string[], before: readonly string[]): Promise<void> {
    await this.#client.history.edit.mutate({
      id: this.#id,
      references: [...lines],
      referencesBefore: [...before],
    });
    this.#note(() => ({ references: [...lines] }));
    // What others added meanwhile stayed.
    await this.lookAgain();
  }

  async rename(title: string): Promise<void> {
    await this.#client.history.edit.mutate({ id: this.#id, title });
    this.#note(() => ({ title }));
  }

  /** Keeps what the person says. @throws Error of the server */
  async say(caption: Saying): Promise<void> {
    await this.#client.history.say.mutate({ id: this.#id, caption });
    await this.lookAgain();
  }

  async takeBack(caption: string): Promise<void> {
    await this.#client.history.takeBack.mutate({ id: this.#id, caption });
    this.#note(({ said }) => ({ said: said.filter(({ id }) => id !== caption) }));
  }

  save(): never {
    throw new StudioError('option-invalid', msg('This comparison is kept on the studio already.'));
  }

  async lookAgain(): Promise<void> {
    if (!this.#shown) return;
    const { running } = this.snapshot();
    const { status, items, ...notes } = await this.#client.history.notes.query({ id: this.#id });
    // Another tab ran something in it.
    if (!running && (isRunning({ status }) || items !== this.#shown.items)) return this.load();
    this.#note(() => notes);
  }

  close(): void {
    this.#stop();
  }

  get #id(): string {
    return this.address.id;
  }
  get #client(): StudioClient {
    return this.needs.client;
  }

  #take(view: ComparisonView): void {
    const { title, references, said } = view;
    const running = isRunning(view);
    const state = fromView(view);
    // Lanes that were asked for once more do not show their old caption while they wait.
    const waiting = new Set(view.lanes.filter(({ status }) => status === 'waiting').map(({ id }) => id));
    const lanes = running ? state.lanes.map((lane) => (waiting.has(lane.id) ? newLane(lane) : lane)) : state.lanes;
    this.#waiting = [];
    [this.#problem, this.#absence, this.#failed] = [undefined, undefined, false];
    this.#shown = {
      of: this.#shown?.of ?? ofView(view),
      state: { ...state, lanes, ...(running ? { status: view.status } : {}) },
      notes: { title, references, said, ratings: ratingsOf(view.lanes) },
      items: view.items.length,
    };
    this.#watched.changed();
  }

  #make(): Snapshot {
    const told = {
      ...(this.#problem ? { problem: this.#problem } : {}),
      ...(this.#absence ? { absence: this.#absence } : {}),
    };
    if (!this.#shown) return { ...nothingKnown, ...told };
    const arrived = this.#waiting.splice(0);
    if (arrived.length)
      this.#shown = {
        ...this.#shown,
        state: arrived.reduce(applyItem, this.#shown.state),
        items: this.#shown.items + arrived.length,
      };
    const { state, notes, of } = this.#shown;
    return { ...joinParts([state]), ...notes, ...of, ...told, known: true, ratings: this.#desk.over(notes.ratings) };
  }

  #note(change: (notes: Notes) => Partial<Notes>): void {
    if (!this.#shown) return;
    const { notes } = this.#shown;
    this.#shown = { ...this.#shown, notes: { ...notes, ...change(notes) } };
    this.#watched.changed();
  }

  #end(): void {
    const ended = [...this.#ended];
    this.#ended.clear();
    for (const resolve of ended) resolve();
  }

  /** Whether the studio answers; one that does not is asked again. */
  #answers(yes: boolean): void {
    if (yes === (this.#problem !== away)) return;
    this.#problem = yes ? undefined : away;
    this.#watched.changed();
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#problem = problemOf(error);
    this.#absence = absenceOf(error);
    this.#end();
    this.#watched.changed();
  }
}
