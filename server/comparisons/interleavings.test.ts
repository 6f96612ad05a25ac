import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { StreamItem } from '../../kept/comparison';
import { StudioError } from '../../models/errors';
import type { LaneResult } from '../../models/events';
import { removeComparisons, restoreComparisons } from '../history/changes';
import { rateLane } from '../history/ratings';
import { replayRequest } from '../history/replay';
import { scriptedEngine } from './scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';

const scratch = scratchFolder();
/** Two servers on one database: what one cannot see of the other must not matter. */
let studios: Studio[];
const complaints = vi.spyOn(console, 'error');
beforeAll(async () => {
  const settings = { STUDIO_WAITING: 1_000, STUDIO_HEARTBEAT_MS: 50, STUDIO_GRACE_MS: 60_000 };
  studios = [
    await openTestStudio(scratch.url, scriptedEngine(1), settings),
    await openTestStudio(scratch.url, scriptedEngine(1), settings),
  ];
});
afterAll(async () => {
  await Promise.all(studios.map((studio) => studio.close()));
  scratch.remove();
});

/** Numbers from 0 to below 1 that follow from the seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const decoders = ['clipcap', 'capdec', 'decap', 'broken'];
const allowed = ['busy', 'not-found', 'option-invalid', 'needs-image'];

/** Does many things at once to a few comparisons of one owner. @returns the failures that nobody should see */
async function interleave(owner: string, random: () => number): Promise<unknown[]> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const ids: string[] = [];
  const lanes = () =>
    [...new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(decoders)))].map((decoder) => ({
      id: decoder,
      decoder,
    }));
  const operations: ((studio: Studio, id: string) => Promise<unknown>)[] = [
    async (studio) => ids.push((await studio.of(owner).create({ input: { kind: 'sample' }, lanes: lanes() })).id),
    (studio, id) => studio.of(owner).extend({ id, lanes: lanes() }),
    (studio, id) => studio.of(owner).extend({ id, lanes: lanes() }),
    (studio, id) => studio.of(owner).cancel(id, random() < 0.3 ? pick(decoders) : undefined),
    (studio, id) => removeComparisons(studio.database, owner, [id]),
    (studio, id) => restoreComparisons(studio.database, owner, [id]),
    (studio, id) => studio.of(owner).purge(random() < 0.5 ? [id] : undefined),
    (studio, id) => rateLane(studio.database, owner, { id, lane: pick(decoders), rating: { stars: 4, blind: false } }),
    async (studio, id) => {
      const owned = studio.of(owner);
      ids.push((await owned.create(replayRequest(await owned.get(id)), { replayOf: id })).id);
    },
  ];
  await operations[0]!(studios[0]!, '');
  const failures: unknown[] = [];
  await Promise.all(
    Array.from({ length: 9 }, async () => {
      await sleep(random() * 25);
      await pick(operations)(pick(studios), pick(ids)).catch((error: unknown) => failures.push(error));
    }),
  );
  return failures.filter((error) => !(error instanceof StudioError && allowed.includes(error.code)));
}

/** The last word of the events on each lane: what it said, or that it failed. */
function lastWords(items: readonly StreamItem[]) {
  const words = new Map<string, LaneResult | 'failed'>();
  for (const item of items) {
    if (item.kind !== 'event') continue;
    const { event } = item;
    if (event.type === 'lane-finished') words.set(event.lane, event.result);
    if (event.type === 'lane-failed' && event.error.code !== 'cancelled') words.set(event.lane, 'failed');
    if (event.type === 'comparison-started') for (const { id } of event.lanes) words.delete(id);
  }
  return words;
}

/** What does not fit together in the database. */
async function contradictions({ database }: Studio): Promise<string[]> {
  const found: string[] = [];
  const rows = await database.comparison.findMany({
    include: { lanes: true, events: { orderBy: { first: 'asc' } } },
  });
  for (const { id, status, endedAt, lanes, events } of rows) {
    const items: StreamItem[] = [];
    for (const batch of events) {
      if (batch.first !== items.length) found.push(`${id}: items ${items.length} to ${batch.first} are not there`);
      items.push(...(batch.items as unknown as StreamItem[]));
    }
    const last = items.at(-1);
    if (last?.kind !== 'ended' || last.status !== status || !endedAt)
      found.push(`${id}: ${status}, last ${last?.kind}`);
    const words = lastWords(items);
    for (const lane of lanes) {
      const said = words.get(lane.key);
      const name = `${id} ${lane.key}: ${lane.status}`;
      if (['waiting', 'running'].includes(lane.status)) found.push(name);
      if ((lane.status === 'finished') !== (typeof said === 'object')) found.push(`${name}, events ${String(said)}`);
      if ((lane.status === 'failed') !== (said === 'failed')) found.push(`${name}, events ${String(said)}`);
      if (typeof said === 'object' && (lane.result as LaneResult | null)?.caption !== said.caption)
        found.push(`${name}: another caption than its events`);
      if (lane.stars !== null && !lane.result) found.push(`${name}: rated without a caption`);
    }
  }
  return found;
}

describe('100 random interleavings of what people do at once', () => {
  it('every lane ends, the database agrees with the events, and nobody meets an error of the database', async () => {
    for (let seed = 1; seed <= 100; seed += 10)
      for (const [i, failures] of (
        await Promise.all(Array.from({ length: 10 }, (_, n) => interleave(`owner ${seed + n}`, numbers(seed + n))))
      ).entries())
        expect(failures, `seed ${seed + i}`).toEqual([]);
    await expect
      .poll(() => studios[0]!.database.comparison.count({ where: { status: { in: ['queued', 'running'] } } }), {
        timeout: 50_000,
        interval: 100,
      })
      .toBe(0);
    expect(await contradictions(studios[0]!)).toEqual([]);
    expect(await studios[0]!.database.comparison.count()).toBeGreaterThan(50);
    for (const studio of studios) expect(studio.comparisons.load()).toEqual({ running: 0, waiting: 0 });
    expect(complaints.mock.calls).toEqual([]);
  }, 120_000);

  it('of six requests for more lanes at once one is taken, and the others are told to wait', async () => {
    const owned = studios[0]!.of('eager');
    const { id } = await owned.create({ input: { kind: 'sample' }, lanes: [{ id: 'clipcap', decoder: 'clipcap' }] });
    const answers = await Promise.allSettled(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((lane) => owned.extend({ id, lanes: [{ id: lane, decoder: 'capdec' }] })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'busy' });
    await studios[0]!.comparisons.ended(id);
    expect((await owned.get(id)).lanes.map(({ status }) => status)).toEqual(['finished', 'finished']);
  });

  it('a purge ends what still runs of a comparison, here and in another server, and then it is gone', async () => {
    const slow = await Promise.all([
      openTestStudio(scratch.url, scriptedEngine(400)),
      openTestStudio(scratch.url, scriptedEngine(1)),
    ]);
    const engineLanes = ['one', 'two', 'three', 'four'].map((id) => ({ id, decoder: 'clipcap' }));
    for (const purging of slow) {
      const { id } = await slow[0].of('tidy').create({ input: { kind: 'sample' }, lanes: engineLanes });
      await expect.poll(async () => (await slow[0].comparisons.get(id)).items.length).toBeGreaterThan(2);
      await removeComparisons(slow[0].database, 'tidy', [id]);
      expect(await purging.of('tidy').purge([id])).toBe(1);
      await slow[0].comparisons.ended(id);
      expect(slow[0].comparisons.load()).toEqual({ running: 0, waiting: 0 });
      expect(await slow[0].database.comparison.count({ where: { id } })).toBe(0);
      expect(await slow[0].database.eventBatch.count({ where: { comparisonId: id } })).toBe(0);
    }
    expect(complaints.mock.calls).toEqual([]);
    await Promise.all(slow.map((studio) => studio.close()));
  });
});
