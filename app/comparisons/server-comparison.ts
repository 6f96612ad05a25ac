import { TRPCClientError } from '@trpc/client';
import type { ComparisonView, StreamItem } from '@/kept/comparison';
import type { PersonCaption } from '@/kept/person-captions';
import { type Rating, type Ratings, ratingsOf } from '@/kept/ratings';
import { StudioError } from '@/models/errors';
import { isPassing, problemOf, type StudioClient } from '../client/client';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';
import { newLane } from '../views/film';
import { type Absence, absenceOf } from './absence';
import type { Begun, Comparison, LaneWish, Needs, RunWish } from './comparison';
import { applyItem, type ComparisonState, fromView } from './lane-state';
import { RatingDesk, withRatings } from './rating-desk';
import { captionOf, isRunning, joinParts, nothingKnown, type Snapshot } from './snapshot';
import { serverInput, type Source, sourceName } from './source';
import { Watched } from './notifier';

/** What people may have changed of it. */
type Notes = Pick<ComparisonView, 'title' | 'references' | 'said'> & { ratings: Ratings };
type Shown = {
  state: ComparisonState;
  notes: Notes;
  /** What it is of. */
  of: Pick<Snapshot, 'withheld' | 'picture' | 'source' | 'embedding'>;
  /** Items that have arrived. */
  items: number;
};

/** Milliseconds until a studio that does not answer is asked again, the first time and at most. */
const [firstWait, longestWait] = [1_000, 15_000];
const away: Problem = {
  message: msg('The studio does not answer. It is asked again until it does; what runs there goes on.'),
};

const cut = new TRPCClientError('cut');

/** A comparison of the studio's server: loaded, and followed while it runs. */
export class ServerComparison implements Comparison {
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
  #wait = firstWait;
  /** Ends what follows it now. */
  #stop: () => void = () => undefined;

  constructor(
    id: string,
    private readonly needs: Needs,
  ) {
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
    let current = true;
    let unfollow = () => undefined as void;
    let again: ReturnType<typeof setTimeout> | undefined;
    this.#stop = () => {
      current = false;
      clearTimeout(again);
      unfollow();
    };
    const lost = (error: unknown) => {
      if (!current) return;
      current = false;
      unfollow();
      if (!isPassing(error)) return this.#fail(error);
      this.#answers(false);
      again = setTimeout(() => void this.load(), this.#wait);
      this.#wait = Math.min(2 * this.#wait, longestWait);
    };
    try {
      const view = await this.#client.comparison.get.query({ id: this.#id });
      if (!current) return;
      this.#take(view);
      if (!isRunning(view)) return this.#end();
      const subscription = this.#client.comparison.events.subscribe(
        { id: this.#id, lastEventId: view.lastEventId },
        {
          onData: ({ data }) => {
            if (!current) return;
            this.#wait = firstWait;
            this.#waiting.push(data);
            this.#watched.changed();
            if (data.kind !== 'ended') return;
            current = false;
            unfollow();
            this.#end();
          },
          onError: lost,
          // A stream that closes without an end was cut.
          onComplete: () => lost(cut),
          // The browser connects again by itself, and goes on after the last item.
          onConnectionStateChange: ({ state, error }) => current && this.#answers(state !== 'connecting' || !error),
        },
      );
      unfollow = () => subscription.unsubscribe();
    } catch (error) {
      lost(error);
    }
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

  async accept(lane: string): Promise<void> {
    await this.say({ id: crypto.randomUUID(), text: captionOf(this.snapshot(), lane), lane, own: false });
  }

  async edit(text: string, { id = crypto.randomUUID(), lane }: { id?: string; lane?: string } = {}): Promise<void> {
    await this.say({ id, text, ...(lane === undefined ? {} : { lane }), own: true });
  }

  /** Keeps what the person says. @throws Error of the server */
  async say(caption: Omit<PersonCaption, 'at' | 'by'>): Promise<void> {
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

/** What a comparison is of, which never changes. */
function ofView({ input, image, embedding, modality, title }: ComparisonView): Shown['of'] {
  const source: Source | undefined =
    input === 'sample'
      ? { kind: 'sample' }
      : image
        ? { kind: 'photo', name: title || 'photo', imageId: image.id, url: image.url }
        : embedding
          ? { kind: 'embedding', name: title || 'embedding', values: embedding, ...(modality ? { modality } : {}) }
          : undefined;
  return {
    withheld: !image && input !== 'embedding',
    ...(image ? { picture: { url: image.url } } : {}),
    ...(source ? { source } : {}),
    ...(embedding ? { embedding: { values: embedding, modality: modality ?? 'image' } } : {}),
  };
}
