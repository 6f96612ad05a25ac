import { throwIfAborted } from '../errors';
import type { Lane, Runner, Stages } from '../runtime/scheduler';
import type { Runtime, Session, Tensor } from '../runtime/types';
import { likeness, merge, real, type Run } from './merge';

/** A piece of work that those who ask for the same kind can have done at once. */
type Request = {
  member: number;
  /** Requests of one kind are done together. */
  kind: string;
  ask: unknown;
  work: (asks: readonly unknown[]) => Promise<readonly unknown[]>;
  /** How many are done at once. */
  most: number;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
};

/**
 * Members that do the like, each for a photo of its own: what they ask a model for is put together and run once. A run
 * begins when every member waits for one or has ended, so that who runs with whom depends on what they do, and never on
 * time. Of several kinds the one that most wait for comes first.
 */
export class Gang {
  #live = new Set<number>();
  #waiting: Request[] = [];
  #busy = false;
  readonly #numbers = new Map<Session, number>();

  constructor(
    readonly runtime: Runtime,
    private readonly device: Lane,
    private readonly signal?: AbortSignal,
  ) {}

  /** Lets `count` members work side by side; none takes another down. */
  async all<T>(
    count: number,
    work: (member: GangMember, index: number) => Promise<T>,
  ): Promise<PromiseSettledResult<T>[]> {
    const members = Array.from({ length: count }, (_, index) => new GangMember(this, index));
    for (const { index } of members) this.#live.add(index);
    return Promise.allSettled(
      members.map(async (member) => {
        try {
          return await work(member, member.index);
        } finally {
          this.#live.delete(member.index);
          this.#check();
        }
      }),
    );
  }

  /** Has a piece of work done with those of other members that are of its kind. @throws cancelled */
  ask<Ask, Answer>(
    member: number,
    kind: string,
    ask: Ask,
    work: (asks: readonly Ask[]) => Promise<readonly Answer[]>,
    most = Infinity,
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ member, kind, ask, work, most, resolve, reject } as Request);
      this.#check();
    });
  }

  async run(member: number, run: Run, stage: string): Promise<Record<string, Tensor>> {
    throwIfAborted(this.signal);
    const like = await likeness(run);
    let number = this.#numbers.get(run.session);
    if (number === undefined) this.#numbers.set(run.session, (number = this.#numbers.size));
    const kind = like === undefined ? `alone ${member}` : `${number} ${stage} ${like}`;
    // A tower's own layers are large enough: more photos in a run only leave the cache.
    const most = run.feeds.pixels ? towerPhotos : Infinity;
    return this.ask(member, kind, run, (runs) => this.#runAll(runs, stage, like !== undefined), most);
  }

  async #runAll(runs: readonly Run[], stage: string, together: boolean): Promise<Record<string, Tensor>[]> {
    const { session, fetches } = runs[0]!;
    const device = this.device.at(stage);
    if (together) {
      const merged = await merge(runs, this.runtime);
      try {
        return merged.split(await device.run(session, merged.feeds, fetches));
      } finally {
        merged.dispose();
      }
    }
    const made: Tensor[] = [];
    try {
      const feeds: Record<string, Tensor> = {};
      for (const [name, tensor] of Object.entries(runs[0]!.feeds))
        feeds[name] = await real(tensor, this.runtime, (copy) => {
          made.push(copy);
          return copy;
        });
      return [await device.run(session, feeds, fetches)];
    } finally {
      for (const tensor of made) tensor.dispose();
    }
  }

  #check(): void {
    if (this.#busy || !this.#waiting.length) return;
    if (new Set(this.#waiting.map(({ member }) => member)).size < this.#live.size) return;
    const counts = new Map<string, number>();
    for (const { kind } of this.#waiting) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const kind = [...counts].find(([, count]) => count === most)![0];
    const alike = this.#waiting.filter((request) => request.kind === kind).sort((a, b) => a.member - b.member);
    const together = new Set(alike.slice(0, alike[0]!.most));
    this.#waiting = this.#waiting.filter((request) => !together.has(request));
    this.#busy = true;
    void this.#do([...together]);
  }

  async #do(together: readonly Request[]): Promise<void> {
    try {
      throwIfAborted(this.signal);
      const answers = await together[0]!.work(together.map(({ ask }) => ask));
      together.forEach(({ resolve }, i) => resolve(answers[i]));
    } catch (error) {
      for (const { reject } of together) reject(error);
    } finally {
      this.#busy = false;
      this.#check();
    }
  }
}

/** Photos in one run of an image tower: of 1, 2, 4, 8 and 16 two to four are the fastest; two take less memory. */
const towerPhotos = 2;

/** One of a gang, as its decoder sees it: an entrance to the device for each kind of work. */
export class GangMember implements Stages, Runner {
  constructor(
    readonly gang: Gang,
    readonly index: number,
  ) {}

  at(stage: string): Runner {
    return { run: (session, feeds, fetches) => this.gang.run(this.index, { session, feeds, fetches }, stage) };
  }

  run(session: Session, feeds: Record<string, Tensor>, fetches?: readonly string[]): Promise<Record<string, Tensor>> {
    return this.gang.run(this.index, { session, feeds, fetches }, 'other');
  }
}
