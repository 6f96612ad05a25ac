import type { CompareInput } from '@/models/compare';
import { StudioError } from '@/models/errors';
import { Stops } from '@/models/stops';
import type { StreamItem } from '@/kept/comparison';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';
import { compareInBrowser } from '../engine/client';
import type { DownloadProgress } from '../engine/messages';
import { newLane } from '../views/film';
import type { Absence } from './absence';
import { applyItem, type ComparisonState, emptyComparison } from './lane-state';
import type { Rating } from '@/kept/ratings';
import {
  keepLocal,
  type LocalComparison,
  localComparison,
  type LocalRun,
  rateLocal,
  withRatings,
} from './local-comparisons';
import { Notifier } from './notifier';

type Running = { stops: Stops; lanes: ReadonlySet<string> };
type Entry = {
  comparison?: LocalComparison;
  states: ComparisonState[];
  applied: number[];
  download?: DownloadProgress;
  problem?: Problem;
  absence?: Absence;
  running: Set<Running>;
};

/**
 * Comparisons that run in this browser: started, followed, stopped, kept in its storage and shown again by their id.
 */
export class LocalRuns {
  readonly notifier = new Notifier();
  readonly #entries = new Map<string, Entry>();
  /**
   * Endings that are on their way into the browser's storage. What is shown as done is kept: a page that is left at
   * once has lost nothing that it showed.
   */
  readonly #unkept = new WeakSet<StreamItem>();

  comparison(id: string | undefined): LocalComparison | undefined {
    return this.#entry(id)?.comparison;
  }
  download(id: string | undefined): DownloadProgress | undefined {
    return this.#entry(id)?.download;
  }
  problem(id: string | undefined): Problem | undefined {
    return this.#entry(id)?.problem;
  }

  /** Why it is not there; undefined where it is, or that is not known. */
  absence(id: string | undefined): Absence | undefined {
    return this.#entry(id)?.absence;
  }

  /** How each of its runs stands now; the same objects while nothing changed. */
  states(id: string | undefined): readonly ComparisonState[] {
    const entry = this.#entry(id);
    if (!entry?.comparison) return [];
    const { runs } = entry.comparison;
    const shown = runs.map(({ items }) => items.length - Number(this.#unkept.has(items.at(-1)!)));
    if (shown.some((count, i) => entry.states[i] === undefined || entry.applied[i] !== count)) {
      entry.states = runs.map((run, i) =>
        run.items.slice(entry.applied[i] ?? 0, shown[i]).reduce(applyItem, entry.states[i] ?? begun(run)),
      );
      entry.applied = shown;
    }
    return entry.states;
  }

  /**
   * Reads a comparison from this browser's storage. A run whose page was closed has no end: what is whole stays, the
   * rest was interrupted.
   */
  async open(id: string): Promise<LocalComparison | undefined> {
    if (this.#entries.has(id)) return this.comparison(id);
    const entry: Entry = { states: [], applied: [], running: new Set() };
    this.#entries.set(id, entry);
    try {
      const found = await localComparison(id);
      if (!found || found.deletedAt !== undefined) entry.absence = found ? 'deleted' : 'unknown';
      else
        entry.comparison = {
          ...found,
          runs: found.runs.map((run) =>
            run.items.at(-1)?.kind === 'ended'
              ? run
              : { ...run, items: [...run.items, { kind: 'ended', status: 'interrupted' }] },
          ),
        };
    } catch (error) {
      entry.problem = {
        message: msg('This browser’s storage cannot be read: {{why}}'),
        values: { why: StudioError.from(error).message },
      };
    }
    this.notifier.now();
    return entry.comparison;
  }

  /** Starts all runs of a new comparison. Resolves when they have ended. */
  async start(comparison: LocalComparison, input: CompareInput): Promise<void> {
    this.#entries.set(comparison.id, { comparison, states: [], applied: [], running: new Set() });
    await Promise.all(comparison.runs.map((run) => this.#run(comparison.id, run, input)));
  }

  /** Runs more lanes in a comparison. Resolves when they have ended. */
  async extend(id: string, runs: LocalRun[], input: CompareInput): Promise<void> {
    const comparison = this.comparison(id);
    if (!comparison) return;
    comparison.runs.push(...runs);
    // What was rated are the captions that these lanes had.
    const again = runs.flatMap(({ lanes }) => lanes.filter((lane) => comparison.ratings?.[lane.id]));
    if (again.length)
      await this.#rate(comparison, Object.fromEntries(again.map((lane) => [lane.id, undefined]))).catch(
        (error: unknown) =>
          (this.#entries.get(id)!.problem = {
            message: msg('Ratings could not be taken away: {{why}}'),
            values: { why: StudioError.from(error).message },
          }),
      );
    await Promise.all(runs.map((run) => this.#run(id, run, input)));
  }

  /** Keeps what a person thinks of a lane's caption; undefined takes it away. @throws Error of the browser's storage */
  async rate(id: string, lane: string, rating: Rating | undefined): Promise<void> {
    const comparison = this.comparison(id);
    if (comparison) await this.#rate(comparison, { [lane]: rating });
  }

  async #rate(comparison: LocalComparison, change: Readonly<Record<string, Rating | undefined>>): Promise<void> {
    await rateLocal(comparison.id, change);
    comparison.ratings = withRatings(comparison.ratings, change);
  }

  /** Stops everything, or one lane. */
  cancel(id: string, lane?: string): void {
    for (const { stops, lanes } of this.#entry(id)?.running ?? [])
      if (lane === undefined || lanes.has(lane)) stops.stop(lane);
  }

  close(): void {
    for (const id of this.#entries.keys()) this.cancel(id);
  }

  #entry(id: string | undefined): Entry | undefined {
    return id === undefined ? undefined : this.#entries.get(id);
  }

  async #run(id: string, run: LocalRun, input: CompareInput): Promise<void> {
    const entry = this.#entries.get(id)!;
    const comparison = entry.comparison!;
    const stops = new Stops();
    const mine: Running = { stops, lanes: new Set(run.lanes.map((lane) => lane.id)) };
    entry.running.add(mine);
    const keep = () =>
      keepLocal(comparison).catch((error: unknown) => {
        const { code, message } = StudioError.from(error);
        // What to do about it is a sentence of its own.
        entry.problem =
          code === 'storage-full'
            ? { message }
            : {
                message: msg('The comparison is shown but could not be kept in this browser: {{why}}'),
                values: { why: message },
              };
        this.notifier.soon();
      });
    void keep();
    this.notifier.soon();
    const push = async (item: StreamItem, ending: boolean) => {
      run.items.push(item);
      if (ending) {
        this.#unkept.add(item);
        await keep();
        this.#unkept.delete(item);
      }
      this.notifier.soon();
    };
    const from = performance.now();
    const onDownload = (progress: DownloadProgress) => {
      entry.download = progress.allReceived < progress.allBytes ? progress : undefined;
      this.notifier.soon();
    };
    const request = {
      family: comparison.family,
      precision: comparison.precision,
      input,
      lanes: run.lanes,
      includeEmbedding: true,
    };
    let ended: StreamItem;
    try {
      for await (const event of compareInBrowser(run.device, request, {
        signal: stops.signal,
        laneSignal: (lane) => stops.laneSignal(lane),
        onDownload,
      })) {
        const ending = event.type === 'lane-finished' || event.type === 'lane-failed';
        await push({ kind: 'event', at: performance.now() - from, event }, ending);
      }
      ended = { kind: 'ended', status: 'finished' };
    } catch (error) {
      const failure = StudioError.from(error);
      ended =
        failure.code === 'cancelled' || stops.signal.aborted
          ? { kind: 'ended', status: 'cancelled' }
          : { kind: 'ended', status: 'failed', error: failure.toData() };
    }
    entry.download = undefined;
    entry.running.delete(mine);
    await push(ended, true);
  }
}

const begun = ({ lanes }: LocalRun): ComparisonState => ({ ...emptyComparison, lanes: lanes.map(newLane) });
