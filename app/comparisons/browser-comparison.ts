import type { CompareInput } from '@/models/compare';
import { StudioError } from '@/models/errors';
import { thisBrowser, withoutSaid, withSaid } from '@/kept/person-captions';
import { mergeLines } from '@/kept/merge-lines';
import type { Rating } from '@/kept/ratings';
import { codeOf } from '../client/client';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';
import type { Absence } from './absence';
import type { Address } from './address';
import type { Begun, Comparison, Needs, RunWish } from './comparison';
import {
  changeLocal,
  keepRun,
  type LocalChange,
  type LocalComparison,
  localComparison,
  type LocalRun,
} from './local-comparisons';
import { type Described, ofRecord } from './described';
import { notKept, notRead } from './local-problems';
import { LocalRuns } from './local-runs';
import { PersonSays, type Saying } from './person-says';
import { RatingDesk, withRatings } from './rating-desk';
import { type SaveChoice, saveLocal, saveOffer } from './save-local';
import { scoreHere } from './score-here';
import { joinParts, nothingKnown, type Snapshot } from './snapshot';
import { Watched } from './notifier';

/** A comparison that runs in this browser, or ran there and is kept in its storage. */
export class BrowserComparison extends PersonSays implements Comparison {
  readonly address;
  readonly #watched = new Watched(() => this.#make());
  readonly #desk = new RatingDesk();
  #record: LocalComparison | undefined;
  /** What it is of. */
  #of: Described | undefined;
  readonly #runs = new LocalRuns();
  /** It is in the browser's storage. */
  #kept = false;
  #problem: Problem | undefined;
  #absence: Absence | undefined;

  constructor(
    id: string,
    private readonly needs: Needs,
  ) {
    super();
    this.address = { where: 'browser' as const, id };
  }

  readonly snapshot = (): Snapshot => this.#watched.value();
  readonly subscribe = (listener: () => void) => this.#watched.subscribe(listener);

  /** The comparison of its lanes that ran on the server, if any did. */
  get half(): string | undefined {
    return this.#record?.serverId;
  }
  /** Lanes that ran on the server last, though they ran here too. */
  get lastThere(): readonly string[] {
    return this.#record?.lastThere ?? [];
  }
  get order(): readonly string[] {
    return this.#record?.order ?? [];
  }

  /** Reads it from this browser's storage. */
  async load(): Promise<void> {
    try {
      const found = await localComparison(this.#id);
      // What is shown stays, also where it could not be kept, or another tab has deleted it since.
      if (found && (found.deletedAt === undefined || this.#record)) this.#take(found);
      else if (!this.#record) this.#absence = found ? 'deleted' : 'unknown';
    } catch (error) {
      this.#problem = notRead(error);
    }
    this.#watched.changed();
  }

  /** Begins it. @returns when its runs have ended, once they are started */
  async begin(record: LocalComparison, input: CompareInput): Promise<{ ended: Promise<void> }> {
    this.#record = { ...record, runs: [] };
    this.#of = ofRecord(record);
    return this.more(record.runs, input);
  }

  extend(wish: RunWish): Promise<Begun> {
    return this.needs.run(this, wish);
  }

  /** Runs more lanes here. @returns when they have ended, once they are started */
  async more(runs: readonly LocalRun[], input: CompareInput): Promise<{ ended: Promise<void> }> {
    const { family, precision, ratings: rated, lastThere: there } = this.#record!;
    const again = runs.flatMap(({ lanes }) => lanes.map(({ id }) => id));
    // What was rated are the captions that these lanes had; and what they say now was said here.
    if (again.some((lane) => rated?.[lane] || there?.includes(lane)))
      await this.#tell(
        this.change(({ ratings, lastThere = [] }) => ({
          ratings: withRatings(ratings, Object.fromEntries(again.map((lane) => [lane, undefined]))),
          lastThere: lastThere.filter((lane) => !again.includes(lane)),
        })),
      );
    const kept = () => void (this.#kept = true);
    const keep = (run: LocalRun) =>
      this.#tell(keepRun(this.#id, run, this.#kept ? undefined : this.#whole()).then(kept));
    return { ended: this.#runs.start(runs, { family, precision, input }, keep, this.#watched.changed) };
  }

  /** Lanes of it run on the server now, in a comparison there: what they said here is not what they say last. */
  async ranThere(serverId: string, lanes: readonly string[]): Promise<void> {
    const own = lanes.filter(this.#runs.has);
    const change = ({ lastThere = [], ratings }: LocalComparison) => ({
      serverId,
      lastThere: [...new Set([...lastThere, ...own])],
      ratings: withRatings(ratings, Object.fromEntries(own.map((lane) => [lane, undefined]))),
    });
    this.#record = { ...this.#record!, ...change(this.#record!) };
    this.#watched.changed();
    await this.#tell(this.change(change));
  }

  async cancel(lane?: string): Promise<void> {
    this.#runs.stop(lane);
  }

  whenEnded(): Promise<void> {
    return this.#runs.ended();
  }

  rate(lane: string, rating: Rating | undefined): Promise<void> {
    const keep = async () => {
      await this.change(({ ratings }) => ({ ratings: withRatings(ratings, { [lane]: rating }) }));
      await this.#there((id) => this.needs.client.history.rate.mutate({ id, lane, rating: rating ?? null }));
    };
    return this.#desk.give(lane, rating, keep, this.#watched.changed);
  }

  async setReferences(lines: readonly string[], before: readonly string[]): Promise<void> {
    await this.change(({ references = [] }) => ({ references: mergeLines(references, before, lines) }));
  }

  async rename(title: string): Promise<void> {
    await this.change({ title });
  }

  /** Keeps what the person says. @throws Error of the browser's storage */
  async say(caption: Saying): Promise<void> {
    if (!caption.text) throw new StudioError('option-invalid', msg('A caption needs a word.'));
    // Without it the words are kept all the same.
    const score = await scoreHere(this.#whole(), caption.text).catch(() => undefined);
    const scored = { ...caption, ...(score ? { score } : {}) };
    const one = { ...scored, at: new Date().toISOString(), by: thisBrowser };
    await this.change(({ said = [] }) => ({ said: withSaid(said, one) }));
    await this.#there((id) => this.needs.client.history.say.mutate({ id, caption: scored }));
  }

  async takeBack(caption: string): Promise<void> {
    await this.change(({ said = [] }) => ({ said: withoutSaid(said, caption) }));
    await this.#there((id) => this.needs.client.history.takeBack.mutate({ id, caption }));
  }

  async save(choice: SaveChoice): Promise<Address> {
    const savedId = await saveLocal(this.needs.client, this.#whole(), choice);
    await this.change({ savedId });
    return { where: 'server', id: savedId };
  }

  /** Changes what is kept of it, and shows that. @throws Error of the browser's storage */
  async change(change: LocalChange | ((kept: LocalComparison) => LocalChange)): Promise<void> {
    const changed = await changeLocal(this.#id, change);
    if (changed) this.#take(changed);
    else if (this.#kept || !this.#record)
      throw new StudioError('not-found', msg('This comparison is not in this browser (any more).'));
    // There was no room for it, which is told already: it lasts as long as the page.
    else this.#record = { ...this.#record, ...(typeof change === 'function' ? change(this.#whole()) : change) };
    this.#watched.changed();
  }

  lookAgain(): Promise<void> {
    return this.load();
  }

  close(): void {
    void this.cancel();
  }

  get #id(): string {
    return this.address.id;
  }

  /** As it is kept, or would be. */
  #whole(): LocalComparison {
    return { ...this.#record!, runs: this.#runs.kept() };
  }

  /** What is kept, and the runs of other pages; those of this page are as they are. */
  #take(found: LocalComparison): void {
    this.#kept = true;
    this.#absence = undefined;
    // Each reading makes a new file of the photo, and what it is of never changes.
    const { photo = found.photo, embedding = found.embedding } = this.#record ?? {};
    this.#record = { ...found, ...(photo ? { photo } : {}), ...(embedding ? { embedding } : {}), runs: [] };
    this.#of ??= ofRecord(this.#record);
    this.#runs.take(found.runs);
  }

  #make(): Snapshot {
    const told = {
      ...(this.#problem ? { problem: this.#problem } : {}),
      ...(this.#absence ? { absence: this.#absence } : {}),
    };
    if (!this.#record || this.#absence) return { ...nothingKnown, ...told };
    const { family, title = '', references = [], said = [], ratings = {} } = this.#record;
    const joined = joinParts(this.#runs.states());
    const download = this.#runs.download();
    const offer = joined.running ? undefined : saveOffer(this.#whole());
    return {
      ...joined,
      ...(this.#of ?? { withheld: false }),
      ...told,
      family,
      known: true,
      title,
      references,
      said,
      ratings: this.#desk.over(ratings),
      ...(download && joined.running ? { download } : {}),
      ...(offer ? { offer } : {}),
    };
  }

  /** What was saved on the studio is changed along, where it is still there. */
  async #there(change: (id: string) => Promise<void>): Promise<void> {
    const id = this.#record?.savedId;
    if (id === undefined) return;
    await change(id).catch((error: unknown) => {
      if (codeOf(error) !== 'not-found') throw error;
    });
  }

  /** What cannot be kept is shown all the same, and told. */
  async #tell(keeping: Promise<void>): Promise<void> {
    await keeping.catch((error: unknown) => {
      this.#problem = notKept(error);
      this.#watched.changed();
    });
  }
}
