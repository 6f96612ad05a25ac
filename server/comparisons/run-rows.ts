import type { LaneStatus, StreamItem } from '../../kept/comparison';
import type { ErrorData } from '../../models/errors';
import type { LaneResult } from '../../models/events';
import type { Device, Precision } from '../../models/runtime/types';
import type { Database, Transaction } from '../db/open';
import { json, openLanes, unended, type FinalStatus } from './rows';

export type Batch = { first: number; items: StreamItem[] };
export type LaneEnd = { id: string; status: LaneStatus; result?: LaneResult; error?: ErrorData };

/** What a run would write has no place any more: the comparison was deleted for good, or given up as interrupted. */
export class RunGone extends Error {}

/**
 * The rows of one run, written by the one server whose run it is. Each method is one transaction, which looks first if
 * that is still so.
 */
export class RunRows {
  constructor(
    private readonly db: Database,
    private readonly id: string,
    private readonly instanceId: string,
  ) {}

  /** @throws RunGone, as all of these */
  started(): Promise<void> {
    return this.#write(async (tx) => {
      await tx.comparison.update({ where: { id: this.id }, data: { status: 'running', heartbeatAt: new Date() } });
    });
  }

  /** The device, the precision and the full options, which the engine tells when it begins. */
  described(
    device: Device,
    precision: Precision,
    lanes: { id: string; options: Record<string, unknown> }[],
  ): Promise<void> {
    return this.#write(async (tx) => {
      await tx.comparison.update({ where: { id: this.id }, data: { device: json(device), precision } });
      for (const lane of lanes)
        await tx.lane.updateMany({
          where: { comparisonId: this.id, key: lane.id },
          data: { options: json(lane.options), status: 'running' },
        });
    });
  }

  /** New events and, with them, a lane that ended. */
  append(batch: Batch, ended?: LaneEnd): Promise<void> {
    return this.#write(async (tx) => {
      await this.#batch(tx, batch);
      if (!ended) return;
      const { status, result, error } = ended;
      await tx.lane.update({
        where: { comparisonId_key: { comparisonId: this.id, key: ended.id } },
        data: { status, ...(result ? { result: json(result) } : {}), ...(error ? { error: json(error) } : {}) },
      });
    });
  }

  /** The end of a comparison: lanes without an end of their own get `laneStatus`. */
  end(batch: Batch, status: FinalStatus, laneStatus: LaneStatus, error?: ErrorData): Promise<void> {
    const told = error ? { error: json(error) } : {};
    return this.#write(async (tx) => {
      await this.#batch(tx, batch);
      await tx.lane.updateMany({
        where: { comparisonId: this.id, status: { in: openLanes } },
        data: { status: laneStatus, ...told },
      });
      await tx.comparison.update({ where: { id: this.id }, data: { status, endedAt: new Date(), ...told } });
    });
  }

  #write(work: (tx: Transaction) => Promise<void>): Promise<void> {
    return this.db.$transaction(async (tx) => {
      const mine = { id: this.id, instanceId: this.instanceId, status: { in: unended } };
      if ((await tx.comparison.count({ where: mine })) === 0) throw new RunGone();
      await work(tx);
    });
  }

  async #batch(tx: Transaction, { first, items }: Batch): Promise<void> {
    if (items.length === 0) return;
    await tx.eventBatch.create({ data: { comparisonId: this.id, first, items: json(items) } });
  }
}
