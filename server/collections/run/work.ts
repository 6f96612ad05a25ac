import { setTimeout as sleep } from 'node:timers/promises';
import { partsOf, type RunSettings } from '../../../models/collections/shards';
import { StudioError, throwIfAborted } from '../../../models/errors';
import { answerBatch } from './answer-batch';
import { InOrder, type Give } from './in-order';
import type { Owner } from './process-lock';
import { ReadAhead, readPhoto } from './read-ahead';
import { sideBySide } from './side-by-side';
import { type PhotoRow, readPhotos, type ShardFiles } from './shard-files';
import { failedIn, type RunStore } from './store';
import type { BatchEngine, NamedShard, PhotoFault, Prepare, RunCounts, RunInput, RunStatus } from './types';

export type Workplace = {
  store: RunStore;
  files: ShardFiles;
  owner: Owner;
  engine: BatchEngine;
  prepare: Prepare;
  /** How often a worker says that it lives, and after how long without it its shard is anybody's. */
  heartbeatMs: number;
  leaseMs: number;
};
export type Work = {
  id: string;
  settings: RunSettings;
  inputs: readonly RunInput[];
  shards: readonly NamedShard[];
  /** Takes the photos in the order of the run. */
  give?: Give;
  onProgress?: (counts: RunCounts) => void;
  signal?: AbortSignal;
};

/** The database hears no more often how far a shard is: small batches take less than a transaction. */
const tellMs = 200;

/**
 * Works on a run beside whoever else does, shard by shard, until none is left, or somebody stops it. Where a photo's or
 * a shard's work is interrupted, whole batches stay and are gone on with.
 * @returns what the run is then @throws cancelled (by the signal), and what is wrong for all photos, or with `give`
 */
export async function work(place: Workplace, job: Work): Promise<RunStatus> {
  const { store, files, owner } = place;
  const { id, shards, onProgress, signal } = job;
  const order = new InOrder(shards, files, job.give ?? (async () => undefined));
  for (;;) {
    throwIfAborted(signal);
    await order.catchUp();
    const counts = await store.counts(id);
    onProgress?.(counts);
    if (counts.status !== 'running' && counts.status !== 'finished') return counts.status;
    for (const dead of await store.takeBack(id, (other) => owner.isDead(other))) owner.forget(dead);
    const position = await store.claim(id, leaseOf(place));
    if (position !== undefined) await workShard(place, job, order, shards[position]!);
    // Others have the rest, and may yet die over it.
    else if (!(await store.end(id)))
      await sleep(Math.min(200, place.heartbeatMs), undefined, { signal }).catch(() => {});
    else if (await order.catchUp()) {
      onProgress?.(await store.counts(id));
      return 'finished';
    }
  }
}

const leaseOf = ({ owner, leaseMs }: Workplace) => ({ owner: owner.id, until: new Date(Date.now() + leaseMs) });

async function workShard(place: Workplace, job: Work, order: InOrder, shard: NamedShard): Promise<void> {
  const { store, files, owner, engine, prepare, heartbeatMs } = place;
  const { id, settings, inputs, onProgress, signal } = job;
  const { position, first, count, name } = shard;
  // Between batches, too: one of them may take long. That it was not heard once is no harm.
  const pulse = setInterval(
    () => void store.beat(id, position, leaseOf(place)).catch(() => undefined),
    heartbeatMs,
  ).unref();
  try {
    if (!files.isWhole(name)) {
      const batches = partsOf(count, settings.batch);
      const part = await files.begin(
        name,
        owner.id,
        batches.map((batch) => batch.first + batch.count),
      );
      let committed = false;
      let far = { done: part.photos, failed: 0, unread: 0 };
      const own = inputs.slice(first, first + count);
      const again = (key: string) =>
        readPhoto(
          own.find((input) => input.key === key)!,
          prepare,
          signal,
        );
      const reading = new ReadAhead(own.slice(part.photos), prepare, (1 + (engine.width ?? 1)) * settings.batch);
      try {
        far = { done: part.photos, ...failedIn((await faultsOf(readPhotos(part.path))).faults) };
        await order.take(position, 0, readPhotos(part.path));
        // Several engines work side by side; what they answer is written in the order of the batches.
        const answers = sideBySide(
          batches.filter((one) => one.first >= part.photos),
          engine.width ?? 1,
          async (batch) => {
            const read = await untilAborted(reading.take(batch.count), signal);
            return () => untilAborted(answerBatch(engine, settings, read, again, signal), signal);
          },
        );
        let told = -Infinity;
        for await (const { item: batch, answer: photos } of answers) {
          throwIfAborted(signal);
          await part.append(photos);
          const { failed, unread } = failedIn((await faultsOf(photos)).faults);
          far = { done: part.photos, failed: far.failed + failed, unread: far.unread + unread };
          await order.take(position, batch.first, photos);
          if (part.photos < count && performance.now() - told < tellMs) continue;
          told = performance.now();
          const counts = await store.beat(id, position, leaseOf(place), far);
          // Another has taken it over, and goes on with what was left then.
          if (!counts) return;
          onProgress?.(counts);
          if (counts.status !== 'running' && part.photos < count) return;
        }
        committed = true;
        await files.commit(name, part);
      } finally {
        reading.close();
        if (!committed) {
          await part.close();
          await store.beat(id, position, leaseOf(place), far).catch(() => undefined);
        }
      }
    }
    const { faults, total } = await faultsOf(readPhotos(files.whole(name)));
    await store.finish(id, position, { done: total, faults });
  } finally {
    clearInterval(pulse);
  }
}

/** What is awaited, or `cancelled` as soon as the signal fires: a run of a model, or an address, may take long. */
function untilAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(new StudioError('cancelled', 'Cancelled.'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** What failed among photos, and how many they are. */
async function faultsOf(rows: Iterable<PhotoRow> | AsyncIterable<PhotoRow>) {
  const faults: PhotoFault[] = [];
  let total = 0;
  for await (const row of rows) {
    total++;
    faults.push(...faultsIn(row));
  }
  return { faults, total };
}

/** Lanes that cannot read such an input at all do not count. */
export function faultsIn({ key, rows, error }: PhotoRow): PhotoFault[] {
  if (error) return [{ key, lane: '', code: error.code, message: error.message }];
  return rows.flatMap(({ lane, error: fault }) =>
    fault && fault.code !== 'needs-image' ? [{ key, lane, code: fault.code, message: fault.message }] : [],
  );
}
