import type { CompareInput } from '@/models/compare';
import { StudioError } from '@/models/errors';
import { type PersonCaption, thisBrowser, withoutSaid, withSaid } from '@/kept/person-captions';
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
import { asKept, LocalRunning } from './local-run';
import { RatingDesk, withRatings } from './rating-desk';
import { type SaveChoice, saveLocal, saveOffer } from './save-local';
import { captionOf, joinParts, nothingKnown, type Snapshot } from './snapshot';
import { urlOf } from './source';
import { Watched } from './notifier';

/** A comparison that runs in this browser, or ran there and is kept in its storage. */
export class BrowserComparison implements Comparison {
  readonly address;
  readonly #watched = new Watched(() => this.#make());
  readonly #desk = new RatingDesk();
  #record: LocalComparison | undefined;
  /** What it is of. */
  #of: ReturnType<typeof ofRecord> | undefined;
  #runs: LocalRunning[] = [];
  /** Those of this page, and those of them that go on, with their ends. */
  readonly #mine = new Set<LocalRunning>();
  readonly #going = new Map<LocalRunning, Promise<void>>();
  /** It is in the browser's storage. */
  #kept = false;
  #problem: Problem | undefined;
  #absence: Absence | undefined;

  constructor(
    id: string,
    private readonly needs: Needs,
  ) {
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
      this.#problem = {
        message: msg('This browser’s storage cannot be read: {{why}}'),
        values: { why: StudioError.from(error).message },
      };
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
    const running = runs.map((run) => new LocalRunning({ id: crypto.randomUUID(), ...run }));
    this.#runs.push(...running);
    const ended = running.map((each) => {
      const kept = () => void (this.#kept = true);
      const keep = () => this.#tell(keepRun(this.#id, each.run, this.#kept ? undefined : this.#whole()).then(kept));
      void keep();
      const end = each
        .start({ family, precision, input }, keep, this.#watched.changed)
        .finally(() => this.#going.delete(each));
      this.#mine.add(each);
      this.#going.set(each, end);
      return end;
    });
    this.#watched.changed();
    return { ended: Promise.all(ended).then(() => undefined) };
  }

  /** Lanes of it run on the server now, in a comparison there: what they said here is not what they say last. */
  async ranThere(serverId: string, lanes: readonly string[]): Promise<void> {
    const own = lanes.filter((lane) => this.#runs.some((run) => run.has(lane)));
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
    for (const running of this.#going.keys()) running.stop(lane);
  }

  async whenEnded(): Promise<void> {
    await Promise.all(this.#going.values());
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

  async accept(lane: string): Promise<void> {
    await this.say({ id: crypto.randomUUID(), text: captionOf(this.snapshot(), lane), lane, own: false });
  }

  async edit(text: string, { id = crypto.randomUUID(), lane }: { id?: string; lane?: string } = {}): Promise<void> {
    await this.say({ id, text: text.trim(), ...(lane === undefined ? {} : { lane }), own: true });
  }

  /** Keeps what the person says. @throws Error of the browser's storage */
  async say(caption: Omit<PersonCaption, 'at' | 'by'>): Promise<void> {
    if (!caption.text) throw new StudioError('option-invalid', msg('A caption needs a word.'));
    const one = { ...caption, at: new Date().toISOString(), by: thisBrowser };
    await this.change(({ said = [] }) => ({ said: withSaid(said, one) }));
    await this.#there((id) => this.needs.client.history.say.mutate({ id, caption }));
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
    return { ...this.#record!, runs: this.#runs.map(({ run }) => run) };
  }

  /** What is kept, and the runs of other pages; those of this page are as they are. */
  #take(found: LocalComparison): void {
    this.#kept = true;
    this.#absence = undefined;
    // Each reading makes a new file of the photo, and what it is of never changes.
    const { photo = found.photo, embedding = found.embedding } = this.#record ?? {};
    this.#record = { ...found, ...(photo ? { photo } : {}), ...(embedding ? { embedding } : {}), runs: [] };
    this.#of ??= ofRecord(this.#record);
    const kept = found.runs.map((run, i) => {
      // Those of older studios have no names; they stand first, and are over.
      const known = run.id === undefined ? this.#runs[i] : this.#runs.find((each) => each.run.id === run.id);
      const newer = known && (this.#mine.has(known) || known.run.items.length === run.items.length);
      return newer ? known : new LocalRunning(asKept(run));
    });
    this.#runs = [...kept, ...this.#runs.filter((each) => this.#mine.has(each) && !kept.includes(each))];
  }

  #make(): Snapshot {
    const told = {
      ...(this.#problem ? { problem: this.#problem } : {}),
      ...(this.#absence ? { absence: this.#absence } : {}),
    };
    if (!this.#record || this.#absence) return { ...nothingKnown, ...told };
    const { family, title = '', references = [], said = [], ratings = {} } = this.#record;
    const joined = joinParts(this.#runs.map((run) => run.state()));
    const download = [...this.#going.keys()].findLast((run) => run.download)?.download;
    const offer = joined.running ? undefined : saveOffer(this.#whole());
    return {
      ...joined,
      ...this.#of,
      ...told,
      withheld: false,
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
      const { code, message } = StudioError.from(error);
      // What to do about it is a sentence of its own.
      this.#problem =
        code === 'storage-full'
          ? { message }
          : {
              message: msg('The comparison is shown but could not be kept in this browser: {{why}}'),
              values: { why: message },
            };
      this.#watched.changed();
    });
  }
}

function ofRecord({ photo, embedding }: LocalComparison): Pick<Snapshot, 'picture' | 'source' | 'embedding'> {
  if (photo)
    return {
      picture: { url: urlOf(photo.blob) },
      source: { kind: 'photo', name: photo.name, blob: photo.blob },
    };
  if (!embedding) return {};
  return {
    source: { kind: 'embedding', ...embedding },
    embedding: { values: embedding.values, modality: embedding.modality ?? 'image' },
  };
}
