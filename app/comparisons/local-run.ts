import type { CompareInput } from '@/models/compare';
import { StudioError } from '@/models/errors';
import type { Precision } from '@/models/runtime/types';
import { Stops } from '@/models/stops';
import type { StreamItem } from '@/kept/comparison';
import { compareInBrowser } from '../engine/client';
import type { DownloadProgress } from '../engine/messages';
import { newLane } from '../views/film';
import { applyItem, type ComparisonState, emptyComparison } from './lane-state';
import type { LocalRun } from './local-comparisons';

/** A run in this browser: going on, over, or left by the page that it ran on. */
export class LocalRunning {
  readonly #stops = new Stops();
  #state: ComparisonState;
  #applied = 0;
  /**
   * Its last item is on its way into the browser's storage. What is shown as done is kept: a page that is left at once
   * has lost nothing that it showed.
   */
  #unkept = false;
  download: DownloadProgress | undefined;

  constructor(readonly run: LocalRun) {
    this.#state = { ...emptyComparison, lanes: run.lanes.map(newLane) };
  }

  /** How it stands now; the same object while nothing changed. */
  state(): ComparisonState {
    const shown = this.run.items.length - Number(this.#unkept);
    if (shown > this.#applied) {
      this.#state = this.run.items.slice(this.#applied, shown).reduce(applyItem, this.#state);
      this.#applied = shown;
    }
    return this.#state;
  }

  has(lane: string): boolean {
    return this.run.lanes.some(({ id }) => id === lane);
  }

  /** Stops all of it, or one lane. */
  stop(lane?: string): void {
    if (lane === undefined || this.has(lane)) this.#stops.stop(lane);
  }

  /**
   * Runs it to its end. @param keep writes it as it is now, and never throws @param changed something else is to be
   * shown
   */
  async start(
    what: { family: string; precision: Precision; input: CompareInput },
    keep: () => Promise<void>,
    changed: () => void,
  ): Promise<void> {
    const push = async (item: StreamItem, ending: boolean) => {
      this.run.items.push(item);
      if (ending) {
        this.#unkept = true;
        await keep();
        this.#unkept = false;
      }
      changed();
    };
    const from = performance.now();
    const onDownload = (progress: DownloadProgress) => {
      this.download = progress.allReceived < progress.allBytes ? progress : undefined;
      changed();
    };
    const { signal } = this.#stops;
    let ended: StreamItem;
    try {
      for await (const event of compareInBrowser(
        this.run.device,
        { ...what, lanes: this.run.lanes, includeEmbedding: true },
        { signal, laneSignal: (lane) => this.#stops.laneSignal(lane), onDownload },
      )) {
        const ending = event.type === 'lane-finished' || event.type === 'lane-failed';
        await push({ kind: 'event', at: performance.now() - from, event }, ending);
      }
      ended = { kind: 'ended', status: 'finished' };
    } catch (error) {
      const failure = StudioError.from(error);
      ended =
        failure.code === 'cancelled' || signal.aborted
          ? { kind: 'ended', status: 'cancelled' }
          : { kind: 'ended', status: 'failed', error: failure.toData() };
    }
    this.download = undefined;
    await push(ended, true);
  }
}

/** A run as it was kept. One whose page was closed has no end: what is whole stays, the rest was interrupted. */
export const asKept = (run: LocalRun): LocalRun =>
  run.items.at(-1)?.kind === 'ended'
    ? run
    : { ...run, items: [...run.items, { kind: 'ended', status: 'interrupted' }] };
