import { StudioError } from '../../models/errors';
import { told } from '../errors/told';
import type { StudioEvent } from '../../models/events';
import type { Precision } from '../../models/runtime/types';
import type { CompareInput } from '../../models/compare';
import type { Stops } from '../../models/stops';
import type { LaneStatus, StreamItem } from '../../kept/comparison';
import type { EngineSource } from './engine';
import type { EventLog } from './event-log';
import type { Ticket } from './queue';
import type { FinalStatus } from './rows';
import { type Batch, type LaneEnd, RunGone, type RunRows } from './run-rows';

/** Events are written to the database together, at most this long after the first of them. */
const flushMs = 500;

/** What a comparison is of: a picture that is kept, or an embedding. */
export type RunInput = { imageId: string } | { values: number[]; modality: 'image' | 'text' };

export type Run = {
  /** For the log. */ id: string;
  family: string;
  precision?: Precision;
  lanes: { id: string; decoder: string; options: Record<string, unknown> }[];
  input: () => Promise<CompareInput>;
  log: EventLog;
  rows: RunRows;
  engine: EngineSource;
  ticket: Ticket;
  stops: Stops;
  /** An error as those may read it who will see the comparison. */
  readable: (error: StudioError) => StudioError;
};

/**
 * One comparison from its turn in the queue to its end, whatever that is. A lane's result is in the database before
 * anybody
 * reads its `lane-finished`, so no caption that was seen can be lost.
 * Where its rows are gone (deleted for good, or given up as interrupted), it ends as cancelled and writes nothing more.
 * @throws only when the database refuses the last write
 */
export async function runComparison(run: Run): Promise<void> {
  const { log, rows, stops } = run;
  const { signal } = stops;
  const began = Date.now();
  const writer = new BatchWriter(run);
  let end: { status: FinalStatus; lanes: LaneStatus; error?: StudioError };
  try {
    await run.ticket.turn(signal);
    await rows.started();
    await runOnEngine(run, async (told) => {
      const event = readableEvent(told, run);
      if (event.type === 'comparison-started') await rows.described(event.device, event.precision, event.lanes);
      const item: StreamItem = { kind: 'event', at: Date.now() - began, event };
      const lane = laneEnd(event, stops);
      if (lane) await writer.write(item, lane);
      log.append(item);
      writer.schedule();
    });
    end = signal.aborted ? aborted(signal) : { status: 'finished', lanes: 'failed', error: undefined };
  } catch (thrown) {
    if (thrown instanceof RunGone) stops.stop();
    end = signal.aborted ? aborted(signal) : endedBy(run.readable(told(thrown)));
  }
  const error = end.error?.toData();
  const ended: StreamItem = { kind: 'ended', status: end.status, ...(error ? { error } : {}) };
  try {
    await writer.end(ended, (batch) => rows.end(batch, end.status, end.lanes, error));
  } catch (thrown) {
    if (!(thrown instanceof RunGone)) throw thrown;
  } finally {
    log.append(ended);
  }
}

function readableEvent(event: StudioEvent, { readable }: Pick<Run, 'readable'>): StudioEvent {
  if (event.type !== 'lane-failed') return event;
  return { ...event, error: readable(StudioError.fromData(event.error)).toData() };
}

function endedBy(error: StudioError): { status: 'cancelled' | 'failed'; lanes: LaneStatus; error: StudioError } {
  const status = error.code === 'cancelled' ? 'cancelled' : 'failed';
  return { status, lanes: status, error };
}

async function runOnEngine(run: Run, take: (event: StudioEvent) => Promise<void>): Promise<void> {
  const { family, precision, lanes, stops } = run;
  const input = await run.input();
  const engine = await run.engine.get();
  for await (const event of engine.compare(
    { family, precision, input, lanes, includeEmbedding: true },
    { signal: stops.signal, laneSignal: (lane) => stops.laneSignal(lane) },
  ))
    await take(event);
}

/** Why the signal fired: a shutdown is an interruption, anything else a cancel. */
function aborted(signal: AbortSignal): { status: FinalStatus; lanes: LaneStatus; error?: StudioError } {
  const reason: unknown = signal.reason;
  if (reason instanceof StudioError && reason.code === 'interrupted')
    return { status: 'interrupted', lanes: 'interrupted', error: reason };
  return { status: 'cancelled', lanes: 'cancelled' };
}

function laneEnd(event: StudioEvent, stops: Stops): LaneEnd | undefined {
  if (event.type === 'lane-finished') return { id: event.lane, status: 'finished', result: event.result };
  if (event.type !== 'lane-failed') return undefined;
  if (event.error.code !== 'cancelled') return { id: event.lane, status: 'failed', error: event.error };
  // Stopped alone: the others go on, and the comparison may well finish. Otherwise a cancelled lane gets its end
  // together with the comparison, which knows why (cancelled or interrupted).
  return stops.laneSignal(event.lane).aborted ? { id: event.lane, status: 'cancelled' } : undefined;
}

/** Writes the log to the database in batches, one write at a time; what a failed write held goes with the next one. */
class BatchWriter {
  #written: number;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  constructor(private readonly run: Pick<Run, 'id' | 'log' | 'rows' | 'stops'>) {
    // What an earlier run of this comparison left is in the database.
    this.#written = run.log.stored;
  }

  /** Writes what is in the log, and `item` (not yet in it) with the lane that it ends. */
  write(item: StreamItem, lane: LaneEnd): Promise<void> {
    return this.#enqueue([item], (batch) => this.run.rows.append(batch, lane));
  }

  /** Writes soon. */
  schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#enqueue([], (batch) => this.run.rows.append(batch)).catch((error: unknown) => {
        if (error instanceof RunGone) this.run.stops.stop();
        else console.error(`Events of comparison ${this.run.id} not written yet:`, error);
      });
    }, flushMs);
  }

  /** The last write: everything, `item` after it, by `write`. */
  async end(item: StreamItem, write: (batch: Batch) => Promise<void>): Promise<void> {
    clearTimeout(this.#timer);
    await this.#enqueue([item], write);
  }

  #enqueue(extra: StreamItem[], write: (batch: Batch) => Promise<void>): Promise<void> {
    const work = async () => {
      const batch = { first: this.#written, items: [...this.run.log.items.slice(this.#written), ...extra] };
      await write(batch);
      this.#written += batch.items.length;
    };
    this.#last = this.#last.then(work, work);
    return this.#last;
  }
}
