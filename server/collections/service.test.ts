import { appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../models/errors';
import { type Database, openDatabase } from '../db/open';
import { scratchFolder } from '../studio/test-studio';
import { lockOutput, Owner } from './run/process-lock';
import { ScriptedBatches, testInputs, testPrepare, testSettings } from './run/scripted-batches';
import type { PhotoRow } from './run/shard-files';
import type { RunProgress, RunRequest } from './run/types';
import { CollectionService } from './service';

let scratch: ReturnType<typeof scratchFolder>;
let database: Database;
const services: CollectionService[] = [];
beforeEach(async () => {
  scratch = scratchFolder();
  database = await openDatabase(scratch.url);
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
  await database.$disconnect();
  scratch.remove();
});

/** A worker: a service with an engine of its own. */
function worker(engine = new ScriptedBatches(), { staleMs = 60_000, heartbeatMs = 20 } = {}) {
  const tools = async () => ({ engine, prepare: testPrepare });
  const service = new CollectionService(database, { tools, heartbeatMs, staleMs });
  services.push(service);
  return { service, engine, asked: engine.asked };
}
const request = (changed: Partial<RunRequest> = {}): RunRequest => ({
  title: 'test',
  inputs: testInputs(30),
  settings: testSettings,
  shardSize: 10,
  ...changed,
});

/** Starts a run and waits for its end. */
async function whole({ service }: { service: CollectionService }, asked: RunRequest) {
  const given: [number, PhotoRow][] = [];
  const id = await service.start(asked, async (...photo) => void given.push(photo));
  const progress: RunProgress[] = [];
  for await (const far of service.follow(id)) progress.push(far);
  return { id, given, last: progress.at(-1)!, progress };
}
const keys = (count: number) => Array.from({ length: count }, (_, n) => String(n));
const shardFiles = () =>
  readdirSync(join(scratch.folder, 'studio.collections')).filter((name) => name.endsWith('.jsonl'));
const left = () => readdirSync(join(scratch.folder, 'studio.collections', 'parts'));
const contents = () =>
  Object.fromEntries(
    shardFiles().map((name) => [name, readFileSync(join(scratch.folder, 'studio.collections', name), 'utf8')]),
  );

describe('a run of a collection', () => {
  it('gives every photo once, in the order of its inputs, in batches that its shards alone decide', async () => {
    const one = worker();
    const { id, given, last, progress } = await whole(one, request());
    expect(given.map(([index, { key }]) => [index, key])).toEqual(keys(30).map((key, i) => [i, key]));
    expect(one.asked.map(({ length }) => length)).toEqual([4, 4, 2, 4, 4, 2, 4, 4, 2]);
    expect(last).toMatchObject({ id, status: 'finished', total: 30, done: 30, failed: 0 });
    expect(progress.some(({ imagesPerSecond, secondsLeft }) => imagesPerSecond > 0 && secondsLeft! > 0)).toBe(true);
    expect([shardFiles().length, left()]).toEqual([3, []]);
    expect(await one.service.list()).toMatchObject([{ id, title: 'test', settings: testSettings, done: 30 }]);
  });

  it('is the same run when the same is asked again, which asks the engine for nothing', async () => {
    const first = await whole(worker(), request());
    const again = worker();
    const second = await whole(again, request());
    expect(second).toMatchObject({ id: first.id, given: first.given });
    expect(again.asked).toEqual([]);
  });

  it('asks of a collection that has grown for its new shards alone, and of other options for all', async () => {
    await whole(worker(), request());
    const grown = worker();
    expect((await whole(grown, request({ inputs: testInputs(35) }))).last).toMatchObject({ done: 35 });
    expect(grown.asked.flat()).toEqual(keys(35).slice(30));
    const lanes = [{ ...testSettings.lanes[0]!, options: { beam: 2 } }];
    const other = worker();
    await whole(other, request({ settings: { ...testSettings, lanes } }));
    expect(other.asked.flat()).toEqual(keys(30));
  });

  it('has a row with the fault for a photo that cannot be read, and its neighbours whole', async () => {
    const { given, last, id } = await whole(worker(), request({ inputs: testInputs(100, [42]), shardSize: 50 }));
    expect(last).toMatchObject({ status: 'finished', done: 100, failed: 1 });
    expect(given.filter(([, { error }]) => error)).toEqual([
      [42, { key: '42', rows: [], error: { code: 'image-unreadable', message: 'It is not a picture.' } }],
    ]);
    expect(given.every(([, { rows, error }]) => error || rows[0]!.caption)).toBe(true);
    expect(await worker().service.store.faults(id)).toEqual([
      { key: '42', lane: '', code: 'image-unreadable', message: 'It is not a picture.' },
    ]);
  });

  it('tries photos that failed again when a finished run is begun afresh, and not when it is gone on with', async () => {
    const [broken, mended] = [testInputs(30, [12]), testInputs(30)];
    await whole(worker(), request({ inputs: broken }));
    const resumed = worker();
    expect((await whole(resumed, request({ inputs: mended }))).last).toMatchObject({ failed: 1 });
    expect(resumed.asked).toEqual([]);
    const afresh = worker();
    expect((await whole(afresh, request({ inputs: mended, anew: true }))).last).toMatchObject({ failed: 0 });
    expect(afresh.asked.flat()).toEqual(keys(20).slice(10));
  });

  it('keeps what a lane failed with in its row', async () => {
    const one = worker(new ScriptedBatches({ laneFails: new Set(['3']) }));
    const { given, last, id } = await whole(one, request());
    expect(last).toMatchObject({ done: 30, failed: 1 });
    expect(given[3]![1].rows).toMatchObject([{ lane: 'clipcap', error: { code: 'internal' } }]);
    expect(await one.service.store.faults(id)).toMatchObject([{ key: '3', lane: 'clipcap' }]);
  });

  it('names the photo that brings the engine down, after it was tried alone', async () => {
    let deaths = 0;
    const one = worker(
      new ScriptedBatches({
        before(asked) {
          if (!asked.includes('5')) return;
          deaths++;
          throw new StudioError('device-failed', 'The engine stopped.');
        },
      }),
    );
    const { given, last } = await whole(one, request());
    expect(deaths).toBe(2);
    expect(last).toMatchObject({ status: 'finished', failed: 1 });
    expect(given[5]![1]).toMatchObject({
      rows: [],
      error: { code: 'device-failed', message: expect.stringMatching(/failed on this photo twice/) as string },
    });
    expect(given.filter(([, { error }]) => !error)).toHaveLength(29);
  });

  it('stops where all photos fail, and goes on from there once that is mended', async () => {
    let broken = true;
    const engine = new ScriptedBatches({
      before(asked) {
        if (broken && Number(asked[0]) >= 14) throw new StudioError('device-failed', 'The engine stopped.');
      },
    });
    const one = worker(engine);
    await expect(whole(one, request())).rejects.toMatchObject({ code: 'device-failed' });
    expect(await one.service.list()).toMatchObject([{ status: 'failed', done: 14, error: { code: 'device-failed' } }]);
    broken = false;
    engine.asked.length = 0;
    expect((await whole(one, request())).last).toMatchObject({ status: 'finished', failed: 0 });
    expect(engine.asked.flat()).toEqual(keys(30).slice(14));
  });

  it('keeps embeddings as the towers gave them', async () => {
    const settings = { ...testSettings, lanes: [], embeddings: true };
    const { given } = await whole(worker(), request({ settings }));
    const bytes = Buffer.from(given[7]![1].embedding!, 'base64');
    expect([...new Float32Array(new Uint8Array(bytes).buffer)]).toEqual([0, 0, 7]);
  });

  it('asks several batches at once where that is worth it, and writes them in order', async () => {
    const plain = await whole(worker(), request({ shardSize: 30 }));
    rmSync(join(scratch.folder, 'studio.collections', shardFiles()[0]!));
    let [now, most] = [0, 0];
    const before = async (asked: readonly string[]) => {
      most = Math.max(most, ++now);
      // The later, the faster.
      await sleep(40 - Number(asked[0]));
      now--;
    };
    const wide = worker(new ScriptedBatches({ before }, 3));
    expect((await whole(wide, request({ shardSize: 30 }))).given).toEqual(plain.given);
    expect(most).toBe(3);
    expect(wide.asked[0]).not.toEqual(keys(4));
  });

  it('begins no more photos ahead than two batches', async () => {
    let [begun, ended, most] = [0, 0, 0];
    const inputs = testInputs(60).map((input) => ({
      ...input,
      read: async () => {
        begun++;
        most = Math.max(most, begun - ended);
        return input.read();
      },
    }));
    const engine = new ScriptedBatches({
      before: async (asked) => {
        await sleep(5);
        ended += asked.length;
      },
    });
    await whole(worker(engine), request({ inputs, shardSize: 60 }));
    // Those of the batch that is worked on, and two batches ahead.
    expect(most).toBeLessThanOrEqual(3 * testSettings.batch);
    expect(begun).toBe(60);
  });
});

describe('a run that is stopped', () => {
  const slowly = () => new ScriptedBatches({ before: () => sleep(15) });

  it('is paused, gone on with, and gives each photo once', async () => {
    const one = worker(slowly());
    const given: string[] = [];
    const id = await one.service.start(request(), async (_, { key }) => void given.push(key));
    for await (const { done } of one.service.follow(id)) if (done >= 8) break;
    await one.service.pause(id);
    let last: RunProgress | undefined;
    for await (const far of one.service.follow(id)) last = far;
    expect(last!.status).toBe('paused');
    expect(last!.done).toBeLessThan(30);
    const before = given.length;
    expect(before).toBeGreaterThanOrEqual(8);
    await one.service.resume(id);
    for await (const far of one.service.follow(id)) last = far;
    expect(last).toMatchObject({ status: 'finished', done: 30 });
    // Given anew, to whoever takes them now; asked once.
    expect(given.slice(before)).toEqual(keys(30));
    expect(one.asked.flat().sort()).toEqual(keys(30).sort());
  });

  it('is cancelled at once, and what is done is there for whoever begins it again', async () => {
    const one = worker(slowly());
    const id = await one.service.start(request());
    for await (const { done } of one.service.follow(id)) if (done >= 8) break;
    await one.service.cancel(id);
    let last: RunProgress | undefined;
    for await (const far of one.service.follow(id)) last = far;
    expect(last).toMatchObject({ status: 'cancelled' });
    await expect(one.service.pause(id)).rejects.toMatchObject({ code: 'busy' });
    const again = worker();
    expect((await whole(again, request())).last.status).toBe('finished');
    expect([...one.asked.flat(), ...again.asked.flat()].sort()).toEqual(keys(30).sort());
  });

  it('writes the same bytes after a stop in the middle of a batch as without one', async () => {
    const whole1 = await whole(worker(), request());
    const unbroken = contents();
    for (const name of Object.keys(unbroken)) rmSync(join(scratch.folder, 'studio.collections', name));
    const stopped = worker(slowly());
    const id = await stopped.service.start(request());
    for await (const { done } of stopped.service.follow(id)) if (done >= 4) break;
    await stopped.service.close();
    const [part] = left();
    const file = join(scratch.folder, 'studio.collections', 'parts', part!);
    // As a kill in the middle of a write, or a disk that lost power, would leave it.
    appendFileSync(file, `{"key":"4","rows":[]}\n{"key":"5","ro`);
    const again = worker();
    expect((await whole(again, request())).given).toEqual(whole1.given);
    expect(contents()).toEqual(unbroken);
    expect(again.asked.flat()).not.toContain('0');
    expect(left()).toEqual([]);
  });

  it('is forgotten after a month, with the shards that no other run has', async () => {
    const old = await whole(worker(), request({ inputs: testInputs(40), output: '/out.jsonl' }));
    const young = await whole(worker(), request({ inputs: testInputs(20) }));
    expect(shardFiles()).toHaveLength(4);
    const month = new Date(Date.now() - 31 * 24 * 3600_000);
    await database.collectionRun.update({ where: { id: old.id }, data: { endedAt: month } });
    const { service } = worker();
    expect(await service.store.ofOutput('/out.jsonl')).toMatchObject({ id: old.id });
    const { id } = await whole({ service }, request({ inputs: testInputs(10) }));
    expect((await service.list()).map((run) => run.id)).toEqual([id, young.id]);
    expect(await service.store.ofOutput('/out.jsonl')).toBeUndefined();
    expect(shardFiles()).toHaveLength(2);
  });

  it('works again what the database calls done and nobody finds', async () => {
    await whole(worker(), request());
    rmSync(join(scratch.folder, 'studio.collections', shardFiles()[0]!));
    const again = worker();
    expect((await whole(again, request())).given).toHaveLength(30);
    expect(again.asked.flat()).toHaveLength(10);
  });
});

describe('two workers on one run', () => {
  it('have shards of their own, do nothing twice, and both give all of it', async () => {
    const slow = () => new ScriptedBatches({ before: () => sleep(5) });
    const [one, other] = [worker(slow()), worker(slow())];
    const asked = request({ inputs: testInputs(80) });
    const both = await Promise.all([whole(one, asked), whole(other, asked)]);
    expect([...one.asked.flat(), ...other.asked.flat()].sort()).toEqual(keys(80).sort());
    for (const { asked: some } of [one, other]) expect(some.length).toBeGreaterThan(0);
    expect(both[0].given.map(([, { key }]) => key)).toEqual(keys(80));
    expect(both[1].given).toEqual(both[0].given);
  });

  it('one takes over where the other no longer says that it lives, and the first to commit wins', async () => {
    let wake!: () => void;
    const sleeping = new Promise<void>((resolve) => (wake = resolve));
    let slept = false;
    const stuck = worker(
      new ScriptedBatches({
        // As a laptop that is closed: neither its batch nor its heartbeat goes on.
        before: async (asked) => {
          if (asked.includes('4')) {
            slept = true;
            await sleeping;
          }
        },
      }),
      { staleMs: 50, heartbeatMs: 60_000 },
    );
    const late = whole(stuck, request({ inputs: testInputs(10) }));
    await expect.poll(() => slept).toBe(true);
    const living = worker();
    const { given } = await whole(living, request({ inputs: testInputs(10) }));
    const written = contents();
    // It begins after the batches that the first had whole.
    expect(living.asked.flat()).toEqual(keys(10).slice(4));
    wake();
    expect((await late).given).toEqual(given);
    expect([contents(), left()]).toEqual([written, []]);
  });

  it('one sees at once that a process has died, and takes its shard', async () => {
    const dead = new Owner(join(scratch.folder, 'studio.collections'));
    const one = worker(undefined, { staleMs: 3_600_000 });
    const id = await one.service.start(request({ inputs: testInputs(10) }));
    for await (const _ of one.service.follow(id));
    const held = { leaseOwner: dead.id, leaseUntil: new Date(Date.now() + 3_600_000) };
    await database.collectionShard.updateMany({ where: { runId: id }, data: { status: 'running', ...held } });
    for (const name of shardFiles()) rmSync(join(scratch.folder, 'studio.collections', name));
    const locks = join(scratch.folder, 'studio.collections', 'locks');
    const file = readdirSync(locks).find((name) => name.includes(dead.id))!;
    // A process that dies leaves its file and loses the lock.
    copyFileSync(join(locks, file), join(locks, 'kept'));
    dead.close();
    writeFileSync(join(locks, file), readFileSync(join(locks, 'kept')));
    expect((await whole(worker(), request({ inputs: testInputs(10) }))).last.status).toBe('finished');
    expect(existsSync(join(locks, file))).toBe(false);
  });

  it('may not write to the same file, and the second is told by whom', () => {
    const folder = join(scratch.folder, 'studio.collections');
    const release = lockOutput(folder, '/tmp/out.jsonl', 'out.jsonl');
    expect(() => lockOutput(folder, '/tmp/out.jsonl', 'out.jsonl')).toThrow(
      expect.objectContaining({ code: 'busy', message: expect.stringContaining(String(process.pid)) as string }),
    );
    lockOutput(folder, '/tmp/other.jsonl', 'other.jsonl')();
    release();
    lockOutput(folder, '/tmp/out.jsonl', 'out.jsonl')();
  });
});
