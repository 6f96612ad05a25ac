import type { CompareInput } from '@/models/compare';
import type { Precision } from '@/models/runtime/types';
import type { LocalRun } from './local-comparisons';
import { asKept, LocalRunning } from './local-run';

/** The runs of one comparison in this browser: those of this page, and those that are kept. */
export class LocalRuns {
  #all: LocalRunning[] = [];
  readonly #mine = new Set<LocalRunning>();
  /** Those that go on on this page, with their ends. */
  readonly #going = new Map<LocalRunning, Promise<void>>();

  states = () => this.#all.map((run) => run.state());
  /** As they are kept, or would be. */
  kept = (): LocalRun[] => this.#all.map(({ run }) => run);
  has = (lane: string) => this.#all.some((run) => run.has(lane));
  /** Weights on their way. */
  download = () => [...this.#going.keys()].findLast((run) => run.download)?.download;

  stop(lane?: string): void {
    for (const run of this.#going.keys()) run.stop(lane);
  }
  async ended(): Promise<void> {
    await Promise.all(this.#going.values());
  }

  /**
   * Starts runs. @param keep writes one as it is now, and never throws @param changed something else is to be shown
   * @returns when they have ended
   */
  async start(
    runs: readonly LocalRun[],
    what: { family: string; precision: Precision; input: CompareInput },
    keep: (run: LocalRun) => Promise<void>,
    changed: () => void,
  ): Promise<void> {
    const begun = runs.map((run) => new LocalRunning({ id: crypto.randomUUID(), ...run }));
    this.#all.push(...begun);
    const ends = begun.map((each) => {
      void keep(each.run);
      const end = each.start(what, () => keep(each.run), changed).finally(() => this.#going.delete(each));
      this.#mine.add(each);
      this.#going.set(each, end);
      return end;
    });
    changed();
    await Promise.all(ends);
  }

  /** Takes over what is kept, with the runs of other pages; those of this page are as they are. */
  take(found: readonly LocalRun[]): void {
    const kept = found.map((run, i) => {
      // Those of older studios have no names; they stand first, and are over.
      const known = run.id === undefined ? this.#all[i] : this.#all.find((each) => each.run.id === run.id);
      const newer = known && (this.#mine.has(known) || known.run.items.length === run.items.length);
      return newer ? known : new LocalRunning(asKept(run));
    });
    this.#all = [...kept, ...this.#all.filter((each) => this.#mine.has(each) && !kept.includes(each))];
  }
}
