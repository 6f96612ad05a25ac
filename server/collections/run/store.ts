import { Prisma } from '../../../prisma/generated/client';
import type { RunSettings } from '../../../models/collections/shards';
import { type ErrorData, StudioError } from '../../../models/errors';
import type { Database, Transaction } from '../../db/open';
import { appVersion } from '../../env/version';
import type { NamedShard, PhotoFault, RunCounts, RunOrigin, RunStatus, RunView } from './types';

type NewRun = {
  id: string;
  title: string;
  settings: RunSettings;
  total: number;
  ownerId: string;
  origin?: RunOrigin;
  shards: readonly NamedShard[];
  /** Absolute path of the file that it is written to. */
  output?: string;
};
/** How far a shard is. */
export type Far = { done: number; failed: number; unread: number };
export type Lease = { owner: string; until: Date };

const free = { status: 'waiting', leaseOwner: null, leaseUntil: null };
const nothing = { done: 0, failed: 0, unread: 0 };
const json = (value: unknown) => value as Prisma.InputJsonValue;
/** Rows of one statement: SQLite takes so many values at once. */
const chunk = 500;

/** Runs, their shards and who works on them. Each method is one statement or one transaction. */
export class RunStore {
  constructor(private readonly db: Database) {}

  /**
   * A run that is worked on from now on: a new one, or one that was begun before.
   * @param anew where it had been finished, shards with failed photos are worked again @returns names of those shards
   */
  begin(run: NewRun, { anew }: { anew: boolean }): Promise<string[]> {
    const { id, ownerId, title, settings, total, shards, output, origin } = run;
    const from = origin ? { origin: json(origin), uploadId: origin.uploadId ?? null } : {};
    const writeTo = async (tx: Transaction) => {
      if (output === undefined) return;
      await tx.collectionOutput.upsert({
        where: { path: output },
        create: { path: output, runId: id },
        update: { runId: id },
      });
    };
    return this.db.$transaction(async (tx) => {
      const before = await tx.collectionRun.findUnique({ where: { id }, select: { status: true } });
      if (!before) {
        await tx.collectionRun.create({
          data: { id, ownerId, title, settings: json(settings), total, appVersion, status: 'running', ...from },
        });
        for (let at = 0; at < shards.length; at += chunk)
          await tx.collectionShard.createMany({
            data: shards
              .slice(at, at + chunk)
              .map(({ position, name, count }) => ({ runId: id, position, name, count })),
          });
        await writeTo(tx);
        return [];
      }
      await tx.collectionRun.update({
        where: { id },
        data: { status: 'running', title, endedAt: null, error: Prisma.DbNull, ...from },
      });
      await writeTo(tx);
      if (!anew || before.status !== 'finished') return [];
      const broken = { runId: id, status: 'done', failed: { gt: 0 } };
      const names = await tx.collectionShard.findMany({ where: broken, select: { name: true } });
      await tx.collectionShard.updateMany({ where: broken, data: { ...free, ...nothing } });
      return names.map(({ name }) => name);
    });
  }

  /** How far each shard is, in order; `first`: the place of its first photo in the run. */
  async shards(runId: string): Promise<{ name: string; first: number; done: number; attempts: number }[]> {
    const rows = await this.db.collectionShard.findMany({
      where: { runId },
      orderBy: { position: 'asc' },
      select: { name: true, count: true, done: true, attempts: true },
    });
    let first = 0;
    return rows.map(({ count, ...shard }) => ({ ...shard, first: (first += count) - count }));
  }

  /** Shards that are done by what the database says, in order. */
  async doneShards(runId: string): Promise<string[]> {
    const rows = await this.db.collectionShard.findMany({
      where: { runId, status: 'done' },
      orderBy: { position: 'asc' },
      select: { name: true },
    });
    return rows.map(({ name }) => name);
  }

  /** Shards whose files are gone are worked again. */
  async reopen(runId: string, names: readonly string[]): Promise<void> {
    if (names.length)
      await this.db.collectionShard.updateMany({
        where: { runId, name: { in: [...names] } },
        data: { ...free, ...nothing },
      });
  }

  /** The first shard that nobody works on, also one whose lease has run out. @returns its position */
  claim(runId: string, { owner, until }: Lease, now = new Date()): Promise<number | undefined> {
    return this.db.$transaction(async (tx) => {
      const found = await tx.collectionShard.findFirst({
        where: { runId, OR: [{ status: 'waiting' }, { status: 'running', leaseUntil: { lt: now } }] },
        orderBy: { position: 'asc' },
        select: { position: true },
      });
      if (!found) return undefined;
      await tx.collectionShard.update({
        where: { runId_position: { runId, position: found.position } },
        data: { status: 'running', leaseOwner: owner, leaseUntil: until, attempts: { increment: 1 } },
      });
      return found.position;
    });
  }

  /** Says that a worker lives, and how far it is. @returns how far the run is; undefined where another took it over */
  beat(runId: string, position: number, { owner, until }: Lease, far?: Far): Promise<RunCounts | undefined> {
    return this.db.$transaction(async (tx) => {
      const { count } = await tx.collectionShard.updateMany({
        where: { runId, position, leaseOwner: owner, status: 'running' },
        data: { leaseUntil: until, ...far },
      });
      return count ? countsOf(tx, runId) : undefined;
    });
  }

  /** A shard is whole, whoever made it so. */
  finish(
    runId: string,
    position: number,
    { done, faults }: { done: number; faults: readonly PhotoFault[] },
  ): Promise<void> {
    return this.db.$transaction(async (tx) => {
      await tx.collectionShard.update({
        where: { runId_position: { runId, position } },
        data: { ...free, status: 'done', done, ...failedIn(faults) },
      });
      await tx.collectionError.deleteMany({ where: { runId, position } });
      for (let at = 0; at < faults.length; at += chunk)
        await tx.collectionError.createMany({
          data: faults.slice(at, at + chunk).map((fault) => ({ runId, position, ...fault })),
        });
    });
  }

  /** Gives back what workers had that died without a word. */
  async takeBack(runId: string, isDead: (owner: string) => boolean): Promise<string[]> {
    const held = await this.db.collectionShard.findMany({
      where: { runId, status: 'running' },
      select: { leaseOwner: true },
    });
    const dead = [...new Set(held.flatMap(({ leaseOwner }) => leaseOwner ?? []))].filter(isDead);
    for (const leaseOwner of dead)
      await this.db.collectionShard.updateMany({ where: { runId, leaseOwner, status: 'running' }, data: free });
    return dead;
  }

  /** Whether all shards are done; the run is finished then. */
  end(runId: string): Promise<boolean> {
    return this.db.$transaction(async (tx) => {
      if (await tx.collectionShard.count({ where: { runId, status: { not: 'done' } } })) return false;
      await tx.collectionRun.update({ where: { id: runId }, data: { status: 'finished', endedAt: new Date() } });
      return true;
    });
  }

  /**
   * A worker goes: the person stopped it, or what it ran in ends, or it failed. The run stands still where nobody else
   * works on it.
   */
  leave(runId: string, owner: string, as: 'paused' | 'interrupted' | ErrorData, now = new Date()): Promise<void> {
    return this.db.$transaction(async (tx) => {
      await tx.collectionShard.updateMany({ where: { runId, leaseOwner: owner, status: 'running' }, data: free });
      if (await tx.collectionShard.count({ where: { runId, status: 'running', leaseUntil: { gte: now } } })) return;
      // Should be at work and is not: that is what interrupted means.
      if (as === 'interrupted') return;
      await tx.collectionRun.updateMany({
        where: { id: runId, status: 'running' },
        data: as === 'paused' ? { status: as } : { status: 'failed', error: json(as), endedAt: now },
      });
    });
  }

  /** @throws not-found, busy where it is over */
  async set(runId: string, status: 'paused' | 'cancelled'): Promise<void> {
    const open = status === 'paused' ? ['running'] : ['running', 'paused', 'failed'];
    const { count } = await this.db.collectionRun.updateMany({
      where: { id: runId, status: { in: open } },
      data: { status, ...(status === 'cancelled' ? { endedAt: new Date() } : {}) },
    });
    if (count) return;
    const { status: now } = await this.view(runId);
    if (now !== status) throw new StudioError('busy', `This run is ${now}; it cannot be ${status} any more.`);
  }

  counts = (runId: string): Promise<RunCounts> => countsOf(this.db, runId);

  /** @throws not-found */
  async view(id: string): Promise<RunView> {
    const row = await this.db.collectionRun.findUnique({ where: { id } });
    if (!row) throw new StudioError('not-found', `There is no run ${id.slice(0, 12)}… here; it may have been deleted.`);
    return this.#viewOf(row);
  }

  /** Whether the run is this owner's. */
  async owns(ownerId: string, id: string): Promise<boolean> {
    return (await this.db.collectionRun.count({ where: { ownerId, id } })) > 0;
  }

  /** Newest first. */
  async list(ownerId: string): Promise<RunView[]> {
    const rows = await this.db.collectionRun.findMany({ where: { ownerId }, orderBy: { createdAt: 'desc' } });
    return Promise.all(rows.map((row) => this.#viewOf(row)));
  }

  async #viewOf(row: Row): Promise<RunView> {
    const held = { runId: row.id, status: 'running', leaseUntil: { gte: new Date() } };
    return toView(row, await this.counts(row.id), (await this.db.collectionShard.count({ where: held })) > 0);
  }

  /** Why photos and lanes have no answer, in the order of the run. */
  async faults(runId: string): Promise<PhotoFault[]> {
    const select = { key: true, lane: true, code: true, message: true };
    return this.db.collectionError.findMany({ where: { runId }, orderBy: { position: 'asc' }, select });
  }

  /** The run that last wrote to this file. */
  async ofOutput(path: string): Promise<{ id: string; settings: RunSettings } | undefined> {
    const found = await this.db.collectionOutput.findUnique({ where: { path }, include: { run: true } });
    return found ? { id: found.runId, settings: found.run.settings as unknown as RunSettings } : undefined;
  }

  /** Deletes a run. @returns names of shards that no run has now */
  remove(runId: string): Promise<string[]> {
    return this.db.$transaction((tx) => removeRuns(tx, [runId]));
  }

  /**
   * Deletes runs that nobody has worked on since `before`. @returns their ids, and names of shards that no run has now
   */
  forget(before: Date): Promise<{ runs: string[]; shards: string[] }> {
    return this.db.$transaction(async (tx) => {
      const old = await tx.collectionRun.findMany({
        where: {
          status: { not: 'running' },
          OR: [{ endedAt: { lt: before } }, { endedAt: null, createdAt: { lt: before } }],
        },
        select: { id: true },
      });
      const runs = old.map(({ id }) => id);
      return { runs, shards: await removeRuns(tx, runs) };
    });
  }
}

/** @returns names of their shards that no run has now */
async function removeRuns(tx: Transaction, runs: readonly string[]): Promise<string[]> {
  const where = { runId: { in: [...runs] } };
  const had = await tx.collectionShard.findMany({ where, select: { name: true }, distinct: ['name'] });
  await tx.collectionRun.deleteMany({ where: { id: where.runId } });
  const names = had.map(({ name }) => name);
  const kept = await tx.collectionShard.findMany({ where: { name: { in: names } }, select: { name: true } });
  const still = new Set(kept.map(({ name }) => name));
  return names.filter((name) => !still.has(name));
}

/** Photos with a fault, and those of them that could not be read. */
export const failedIn = (faults: readonly PhotoFault[]): Omit<Far, 'done'> => ({
  failed: new Set(faults.map(({ key }) => key)).size,
  unread: faults.filter(({ lane }) => lane === '').length,
});

async function countsOf(tx: Transaction, runId: string): Promise<RunCounts> {
  const { status, total } = await tx.collectionRun.findUniqueOrThrow({
    where: { id: runId },
    select: { status: true, total: true },
  });
  const { _sum: sum } = await tx.collectionShard.aggregate({
    where: { runId },
    _sum: { done: true, failed: true, unread: true },
  });
  return { status: status as RunStatus, total, done: sum.done ?? 0, failed: sum.failed ?? 0, unread: sum.unread ?? 0 };
}

type Row = Prisma.CollectionRunGetPayload<object>;
const toView = (
  { id, title, createdAt, endedAt, settings, error, origin }: Row,
  counts: RunCounts,
  working: boolean,
): RunView => ({
  id,
  title,
  createdAt,
  endedAt,
  settings: settings as unknown as RunSettings,
  error: error as ErrorData | null,
  origin: origin as unknown as RunOrigin | null,
  working,
  ...counts,
});
