import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamItem } from '../../kept/comparison';
import { scriptedEngine } from './scripted-engine';
import type { Studio, StudioSettings } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';

const sample = { kind: 'sample' } as const;
const threeLanes = [{ decoder: 'clipcap' }, { decoder: 'capdec' }, { decoder: 'decap' }];

let scratch: ReturnType<typeof scratchFolder>;
const opened: Studio[] = [];
async function open(engine = scriptedEngine(5), settings: Partial<StudioSettings> = {}): Promise<Studio> {
  const studio = await openTestStudio(scratch.url, engine, settings);
  opened.push(studio);
  return studio;
}
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((studio) => studio.close()));
  scratch.remove();
});

async function all(studio: Studio, id: string, after = -1): Promise<StreamItem[]> {
  const items: StreamItem[] = [];
  for await (const [, item] of studio.comparisons.follow(id, after)) items.push(item);
  return items;
}
const until = async (ready: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 10_000;
  while (!(await ready())) {
    if (Date.now() > deadline) throw new Error('waited 10 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('a comparison', () => {
  it('streams its events in order and shows the same again from the database', async () => {
    const studio = await open();
    const { id, lanes } = await studio.comparisons.create({ input: sample, lanes: threeLanes });
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(lanes).toEqual([
      { id: 'clipcap', decoder: 'clipcap' },
      { id: 'capdec', decoder: 'capdec' },
      { id: 'decap', decoder: 'decap' },
    ]);
    const live = await all(studio, id);
    expect(live.map((item) => (item.kind === 'event' ? item.event.type : item.kind))).toEqual([
      'comparison-started',
      'encoded',
      'lane-started',
      'lane-started',
      'lane-started',
      'step',
      'lane-finished',
      'step',
      'step',
      'step',
      'lane-finished',
      'step',
      'step',
      'lane-finished',
      'comparison-finished',
      'ended',
    ]);

    const view = await (await open()).comparisons.get(id); // another server, same database
    expect(view).toMatchObject({
      status: 'finished',
      family: 'pocket',
      precision: 'q8',
      device: { name: 'cpu' },
      input: 'sample',
      error: null,
    });
    expect(view.items).toEqual(live);
    expect(view.lastEventId).toBe(String(live.length - 1));
    expect(view.lanes.map((lane) => [lane.id, lane.status, lane.result?.caption, lane.options])).toEqual([
      ['clipcap', 'finished', 'a', { beams: 5 }],
      ['capdec', 'finished', 'a dog', { beams: 5 }],
      ['decap', 'finished', 'a dog runs', { beams: 5 }],
    ]);
    expect(view.endedAt).toBeInstanceOf(Date);
  });

  it('goes on after the last item that a listener has, while it runs and afterwards', async () => {
    const studio = await open(scriptedEngine(30));
    const { id } = await studio.comparisons.create({ input: sample, lanes: threeLanes });
    const seen: number[] = [];
    for await (const [index] of studio.comparisons.follow(id, -1)) {
      seen.push(index);
      if (index === 6) break;
    }
    for await (const [index] of studio.comparisons.follow(id, 6)) seen.push(index);
    expect(seen).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(await all(studio, id, 13)).toHaveLength(2);
    expect(await all(studio, id, 15)).toEqual([]);
  });

  it('keeps the neighbours of a lane that fails', async () => {
    const studio = await open();
    const { id } = await studio.comparisons.create({
      input: sample,
      lanes: [{ decoder: 'broken' }, { decoder: 'clipcap' }],
    });
    await all(studio, id);
    const view = await studio.comparisons.get(id);
    expect(view.status).toBe('finished');
    expect(view.lanes.map((lane) => [lane.status, lane.error?.code ?? null])).toEqual([
      ['failed', 'weights-corrupt'],
      ['finished', null],
    ]);
  });

  it('is cancelled on request and keeps the lanes that were done', async () => {
    const engine = scriptedEngine(40);
    const studio = await open(engine);
    const { id } = await studio.comparisons.create({ input: sample, lanes: threeLanes });
    for await (const [, item] of studio.comparisons.follow(id, -1))
      if (item.kind === 'event' && item.event.type === 'lane-finished') break;
    const view = await studio.comparisons.cancel(id);
    expect(view.status).toBe('cancelled');
    expect(view.lanes.map((lane) => lane.status)).toEqual(['finished', 'cancelled', 'cancelled']);
    expect(view.items.at(-1)).toEqual({ kind: 'ended', status: 'cancelled' });
    expect(engine.aborted).toBe(1);
    expect((await studio.comparisons.cancel(id)).status).toBe('cancelled');
  });

  it('is cancelled when the last listener has gone, and not while one is left', async () => {
    const engine = scriptedEngine(2_000);
    const studio = await open(engine, { STUDIO_GRACE_MS: 50 });
    const { id } = await studio.comparisons.create({
      input: sample,
      lanes: [...threeLanes, { decoder: 'coca' }, { decoder: 'iterative' }],
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const listen = async (signal: AbortSignal) => {
      let count = 0;
      for await (const _ of studio.comparisons.follow(id, -1, signal)) count++;
      return count;
    };
    const reading = [listen(one.signal), listen(two.signal)];
    await until(async () => engine.running === 1);
    one.abort();
    expect(await reading[0]!).toBeLessThan(20);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(engine.running).toBe(1);
    two.abort();
    await reading[1];
    await until(async () => (await studio.comparisons.get(id)).status === 'cancelled');
    expect(engine.running).toBe(0);
  });

  it('is cancelled when nobody ever listens', async () => {
    const studio = await open(scriptedEngine(10_000), { STUDIO_FIRST_LISTENER_MS: 30 });
    const { id } = await studio.comparisons.create({ input: sample });
    await until(async () => (await studio.comparisons.get(id)).status === 'cancelled');
  });

  it('that is not there is a clear error, and so is a missing picture', async () => {
    const studio = await open();
    await expect(studio.comparisons.get('nosuch')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('nosuch'),
    });
    await expect(all(studio, 'nosuch')).rejects.toMatchObject({ code: 'not-found' });
    await expect(studio.comparisons.create({ input: { kind: 'image', imageId: 'nosuch' } })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(studio.comparisons.load()).toEqual({ running: 0, waiting: 0 });
  });

  it('fails as a whole when the engine does, and the next one runs', async () => {
    const { StudioError } = await import('../../models/errors');
    const engine = scriptedEngine(1);
    const compare = engine.compare;
    engine.compare = async function* (...args) {
      for await (const event of compare(...args)) {
        yield event;
        if (engine.started === 1) throw new StudioError('device-failed', 'The engine ended.');
      }
    };
    const studio = await open(engine);
    const first = await studio.comparisons.create({ input: sample });
    await all(studio, first.id);
    expect(await studio.comparisons.get(first.id)).toMatchObject({
      status: 'failed',
      error: { code: 'device-failed' },
      lanes: [{ status: 'failed', error: { code: 'device-failed' } }],
    });
    const second = await studio.comparisons.create({ input: sample });
    await all(studio, second.id);
    expect((await studio.comparisons.get(second.id)).status).toBe('finished');
  });
});

describe('the queue', () => {
  it('takes 50 comparisons at once: a few run, some wait and are told so, the rest hear busy, none is lost', async () => {
    const engine = scriptedEngine(5);
    const studio = await open(engine, { STUDIO_RUNNING: 3, STUDIO_WAITING: 20 });
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, () => studio.comparisons.create({ input: sample, lanes: threeLanes })),
    );
    const taken = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    expect(taken.length).toBe(23);
    expect(refused.length).toBe(27);
    for (const error of refused)
      expect(error).toMatchObject({
        code: 'busy',
        message: expect.stringMatching(/3 comparisons running and 20 waiting.*Try again/),
      });
    const streams = await Promise.all(taken.map((id) => all(studio, id)));
    expect(
      streams.every(
        (items) => items.filter((item) => item.kind === 'event' && item.event.type === 'lane-finished').length === 3,
      ),
    ).toBe(true);
    expect(streams.some((items) => items[0]?.kind === 'queued')).toBe(true);
    const ahead = streams.flat().flatMap((item) => (item.kind === 'queued' ? [item.ahead] : []));
    expect(Math.max(...ahead)).toBeLessThanOrEqual(22);
    expect(engine.most).toBe(3);
    expect(studio.comparisons.load()).toEqual({ running: 0, waiting: 0 });
    expect(await studio.database.comparison.count({ where: { status: 'finished' } })).toBe(23);
    expect(await studio.database.lane.count({ where: { status: 'finished' } })).toBe(69);
    expect(await studio.database.comparison.count()).toBe(23);
  });

  it('lets a waiting comparison be cancelled and moves the others up', async () => {
    const studio = await open(scriptedEngine(30), { STUDIO_RUNNING: 1 });
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await studio.comparisons.create({ input: sample, lanes: threeLanes })).id);
    expect((await studio.comparisons.get(ids[1]!)).status).toBe('queued');
    expect((await studio.comparisons.cancel(ids[1]!)).status).toBe('cancelled');
    expect((await all(studio, ids[2]!)).at(-1)).toEqual({ kind: 'ended', status: 'finished' });
    expect((await studio.comparisons.get(ids[0]!)).status).toBe('finished');
  });
});

describe('two servers on one database', () => {
  it('each see the other’s comparisons, and only work without a sign of life is interrupted', async () => {
    const quick = { STUDIO_HEARTBEAT_MS: 50, STUDIO_STALE_MS: 1_500 };
    const a = await open(scriptedEngine(700), quick);
    const b = await open(scriptedEngine(5), quick);
    const { id } = await a.comparisons.create({ input: sample, lanes: threeLanes });
    const [fromA, fromB] = await Promise.all([all(a, id), all(b, id)]); // 2.1 s: longer than it takes to go stale
    expect(fromB).toEqual(fromA);
    expect((await b.comparisons.get(id)).status).toBe('finished');
  });

  it('writes unfinished work as interrupted when it is shut down', async () => {
    const a = await open(scriptedEngine(40));
    const { id } = await a.comparisons.create({ input: sample, lanes: threeLanes });
    for await (const [, item] of a.comparisons.follow(id, -1))
      if (item.kind === 'event' && item.event.type === 'lane-finished') break;
    await a.comparisons.close();
    await expect(a.comparisons.create({ input: sample })).rejects.toMatchObject({ code: 'busy' });
    const view = await (await open()).comparisons.get(id);
    expect(view.status).toBe('interrupted');
    expect(view.lanes.map((lane) => [lane.status, lane.error?.code ?? null])).toEqual([
      ['finished', null],
      ['interrupted', 'interrupted'],
      ['interrupted', 'interrupted'],
    ]);
  });
});

describe('more lanes of a comparison', () => {
  const types = (items: StreamItem[]) => items.map((item) => (item.kind === 'event' ? item.event.type : item.kind));

  it('runs a new lane after the others, keeps all events, and shows the same from the database', async () => {
    const studio = await open();
    const { id } = await studio.comparisons.create({ input: sample, lanes: [{ decoder: 'clipcap' }] });
    const first = await all(studio, id);
    expect(await studio.comparisons.extend({ id, lanes: [{ decoder: 'clipcap', options: { beam: 1 } }] })).toEqual({
      id,
      lanes: [{ id: 'clipcap-2', decoder: 'clipcap' }],
    });
    const more = await all(studio, id, first.length - 1);
    expect(types(more)).toEqual([
      'comparison-started',
      'encoded',
      'lane-started',
      'step',
      'lane-finished',
      'comparison-finished',
      'ended',
    ]);
    const view = await (await open()).comparisons.get(id);
    expect(view.items).toEqual([...first, ...more]);
    expect(view).toMatchObject({
      status: 'finished',
      lanes: [
        { id: 'clipcap', status: 'finished' },
        { id: 'clipcap-2', status: 'finished', options: { beam: 1 } },
      ],
    });
  });

  it('tells several new lanes of one decoder apart, from one another and from those that are there', async () => {
    const studio = await open();
    const { id } = await studio.comparisons.create({ input: sample, lanes: [{ decoder: 'clipcap' }] });
    const { lanes } = await studio.comparisons.extend({ id, lanes: [{ decoder: 'clipcap' }, { decoder: 'clipcap' }] });
    expect(lanes.map((lane) => lane.id)).toEqual(['clipcap-2', 'clipcap-3']);
  });

  it('waits for what still runs, and runs a failed lane once more in its place', async () => {
    const studio = await open(scriptedEngine(30));
    const { id } = await studio.comparisons.create({
      input: sample,
      lanes: [{ decoder: 'broken' }, { decoder: 'capdec' }],
    });
    await studio.comparisons.extend({ id, lanes: [{ id: 'broken', decoder: 'clipcap' }] });
    await studio.comparisons.ended(id);
    const view = await studio.comparisons.get(id);
    expect(view.lanes).toMatchObject([
      { id: 'broken', decoder: 'clipcap', status: 'finished', error: null },
      { id: 'capdec', status: 'finished' },
    ]);
    expect(types(view.items).filter((type) => type === 'ended')).toHaveLength(2);
  });

  it('refuses what cannot be gone on with', async () => {
    const studio = await open();
    await expect(studio.comparisons.extend({ id: 'nosuch', lanes: [{ decoder: 'clipcap' }] })).rejects.toMatchObject({
      code: 'not-found',
    });
    const { id } = await studio.comparisons.create({
      input: sample,
      lanes: Array.from({ length: 16 }, (_, i) => ({ id: `l${i}`, decoder: 'clipcap' })),
    });
    await expect(studio.comparisons.extend({ id, lanes: [{ decoder: 'capdec' }] })).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('at most 16') as unknown,
    });
  });

  it('stops one lane; its neighbours finish', async () => {
    const studio = await open(scriptedEngine(40));
    const { id } = await studio.comparisons.create({ input: sample, lanes: threeLanes });
    await until(async () => types((await studio.comparisons.get(id)).items).includes('step'));
    await studio.comparisons.cancel(id, 'decap');
    await studio.comparisons.ended(id);
    expect(await studio.comparisons.get(id)).toMatchObject({
      status: 'finished',
      lanes: [{ status: 'finished' }, { status: 'finished' }, { id: 'decap', status: 'cancelled' }],
    });
  });

  it('decodes an embedding without a picture, and again', async () => {
    const engine = scriptedEngine(5);
    const studio = await open(engine);
    const { id } = await studio.comparisons.create({
      input: { kind: 'embedding', values: [0.5, -1, 2] },
      lanes: [{ decoder: 'clipcap' }],
    });
    await studio.comparisons.ended(id);
    expect(await studio.comparisons.get(id)).toMatchObject({
      status: 'finished',
      input: 'embedding',
      image: null,
      embedding: [0.5, -1, 2],
    });
    await studio.comparisons.extend({ id, lanes: [{ decoder: 'decap' }] });
    await studio.comparisons.ended(id);
    for (const input of engine.inputs)
      expect(input).toEqual({
        kind: 'embedding',
        embedding: { space: 'pocket', modality: 'image', state: 'raw', values: Float32Array.of(0.5, -1, 2) },
      });
    expect(engine.inputs).toHaveLength(2);
  });
});
