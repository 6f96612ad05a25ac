import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { StudioEvent } from '@/models/events';
import type { Comparison, LaneWish } from './comparison';
import { Comparisons } from './comparisons';
import { finishedLane, testServer } from './test-server';
import { testFrames } from './test-storage';

const { shared, said } = vi.hoisted(() => ({
  shared: {} as { storage: ReturnType<typeof import('./test-storage').testStorage> },
  said: [] as StudioEvent[],
}));
vi.mock('idb', () => ({ openDB: () => shared.storage.open() }));
vi.mock('../engine/client', () => ({
  browserEngine: () => ({ prepare: async () => undefined }),
  compareInBrowser: async function* (_device: string, { lanes }: { lanes: { id: string }[] }) {
    yield* said;
    for (const { id } of lanes) yield finishedLane(id, `${id} of the browser`);
  },
}));
// The studio's error tells a request that failed by its code alone.
let server: ReturnType<typeof testServer>;
let page: Comparisons;
beforeEach(async () => {
  const { testStorage } = await import('./test-storage');
  shared.storage ??= testStorage();
  shared.storage.records.clear();
  said.splice(0);
  testFrames();
  server = testServer();
  page = new Comparisons(server.client);
});
const settle = () => new Promise((done) => setTimeout(done, 5));
const lane = (id: string, place: LaneWish['place'] = 'server'): LaneWish => ({ id, decoder: id, options: {}, place });
const wish = (...lanes: LaneWish[]) => ({
  source: { kind: 'embedding' as const, name: 'words.npy', values: [1] },
  family: { name: 'pocket', space: 'pocket' },
  lanes,
  sampleUrl: () => '/sample',
});
const captions = (comparison: Comparison) => comparison.snapshot().lanes.map(({ caption }) => caption);
const idOf = ({ address }: Comparison) => address.id;

describe('a comparison of the server', () => {
  it('is followed to its end, told once a frame, and wakes nobody who shows another', async () => {
    const [one, two] = [await page.start(wish(lane('a'))), await page.start(wish(lane('a')))];
    await settle();
    let [ofOne, ofTwo] = [0, 0];
    one.comparison.subscribe(() => void ofOne++);
    two.comparison.subscribe(() => void ofTwo++);
    const before = two.comparison.snapshot();
    for (let n = 0; n < 50; n++)
      server.event(idOf(one.comparison), {
        ...{ type: 'step', lane: 'a', step: n, token: n, text: 'a', logProb: 0, alternatives: [], beams: [] },
        partial: `word ${n}`,
      });
    await settle();
    expect(captions(one.comparison)).toEqual(['word 49']);
    expect([ofOne, ofTwo]).toEqual([1, 0]);
    expect(two.comparison.snapshot()).toBe(before);
    server.finish(idOf(one.comparison));
    await one.ended;
    expect(one.comparison.snapshot()).toMatchObject({ running: false, lanes: [{ status: 'done' }] });
    expect(one.comparison.snapshot()).toBe(one.comparison.snapshot());
    expect(await page.open(one.comparison.address)).toBe(one.comparison);
  });

  it('goes on when the studio was gone for a while: nothing is shown as failed, and no item is lost', async () => {
    vi.useFakeTimers();
    try {
      const { comparison, ended } = await page.start(wish(lane('a'), lane('b')));
      await vi.advanceTimersByTimeAsync(10);
      server.event(idOf(comparison), finishedLane('a', 'first'));
      server.server.away = true;
      server.cut();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(comparison.snapshot()).toMatchObject({
        running: true,
        problem: { message: expect.stringMatching(/does not answer.*asked again/) },
        lanes: [{ status: 'done', caption: 'first' }, { status: 'waiting' }],
      });
      expect(comparison.snapshot()).not.toHaveProperty('failure');
      // It went on there, and ended.
      server.finish(idOf(comparison));
      server.server.away = false;
      await vi.advanceTimersByTimeAsync(15_000);
      await ended;
      expect(captions(comparison)).toEqual(['first', 'b of the server']);
      expect(comparison.snapshot()).not.toHaveProperty('problem');
      // It was asked with patience.
      expect(server.asked.filter((name) => name === 'get').length).toBeLessThan(12);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is whole after a reload in the middle, and goes on', async () => {
    const { comparison } = await page.start(wish(lane('a'), lane('b')));
    await settle();
    server.event(idOf(comparison), finishedLane('a', 'first'));
    page.close();
    const reloaded = await new Comparisons(server.client).open(comparison.address);
    await settle();
    expect(reloaded.snapshot()).toMatchObject({ known: true, running: true });
    expect(captions(reloaded)).toEqual(['first', '']);
    server.finish(idOf(comparison));
    await reloaded.whenEnded();
    expect(captions(reloaded)).toEqual(['first', 'b of the server']);
    expect(server.listening(idOf(comparison))).toBe(0);
  });

  it('of two tabs takes what both say, and shows it when it is looked at again', async () => {
    const { comparison: one } = await page.start(wish(lane('a'), lane('b')));
    await settle();
    server.finish(idOf(one));
    await one.whenEnded();
    const two = await new Comparisons(server.client).open(one.address);
    await settle();
    await Promise.all([one.rate('a', { stars: 5, blind: false }), two.rate('b', { stars: 2, blind: true })]);
    await Promise.all([one.setReferences(['a cat'], []), two.setReferences(['a hen'], [])]);
    await Promise.all([one.accept('a'), two.edit('mine', { lane: 'b' })]);
    for (const tab of [one, two]) {
      await tab.lookAgain();
      expect(tab.snapshot()).toMatchObject({ ratings: { a: { stars: 5 }, b: { stars: 2 } } });
      expect([...tab.snapshot().references].sort()).toEqual(['a cat', 'a hen']);
      expect(tab.snapshot().said.map(({ text, own, by }) => [text, own, by])).toEqual([
        ['a of the server', false, 'local'],
        ['mine', true, 'local'],
      ]);
    }
    // What the other tab ran is there too.
    await two.extend(wish(lane('c')));
    server.finish(idOf(one));
    await settle();
    await one.lookAgain();
    await one.whenEnded();
    expect(captions(one)).toEqual(['a of the server', 'b of the server', 'c of the server']);
  });

  it('takes a rating back that could not be kept, and says which is not there', async () => {
    const { comparison } = await page.start(wish(lane('a')));
    await settle();
    server.finish(idOf(comparison));
    server.server.away = true;
    const rating = comparison.rate('a', { stars: 4, blind: false });
    expect(comparison.snapshot().ratings).toMatchObject({ a: { stars: 4 } });
    await expect(rating).rejects.toThrow();
    expect(comparison.snapshot().ratings).toEqual({});
    server.server.away = false;
    const missing = await page.open({ where: 'server', id: 'nosuch' });
    await missing.whenEnded();
    expect(missing.snapshot()).toMatchObject({ known: false, absence: 'unknown' });
  });
});

describe('lanes that run elsewhere than those before', () => {
  it('make a comparison of the server a mixed one, and it is whole again when it is opened', async () => {
    const { comparison: first } = await page.start(wish(lane('a')));
    await settle();
    server.finish(idOf(first));
    await first.setReferences(['a cat'], []);
    await first.accept('a');
    const { comparison, ended } = await first.extend(wish(lane('b', 'wasm')));
    await ended;
    expect(comparison.address.where).toBe('browser');
    expect(captions(comparison)).toEqual(['a of the server', 'b of the browser']);
    expect(comparison.snapshot()).toMatchObject({ references: ['a cat'], said: [{ text: 'a of the server' }] });
    await comparison.rate('a', { stars: 1, blind: false });
    await comparison.rate('b', { stars: 2, blind: false });
    await comparison.edit('of both');
    const again = await new Comparisons(server.client).open(comparison.address);
    await settle();
    expect(captions(again)).toEqual(['a of the server', 'b of the browser']);
    expect(again.snapshot()).toMatchObject({ ratings: { a: { stars: 1 }, b: { stars: 2 } } });
    expect(again.snapshot().said.map(({ text }) => text)).toEqual(['a of the server', 'of both']);
    // Each half has what is said of the photo.
    expect(server.kept.get(idOf(first))!.said.map(({ text }) => text)).toEqual(['a of the server', 'of both']);
  });

  it('make one of this browser a mixed one, and what ran last is what a lane says', async () => {
    const { comparison: first, ended } = await page.start(wish(lane('a', 'wasm'), lane('b', 'wasm')));
    await ended;
    const { comparison } = await first.extend(wish(lane('b'), lane('c')));
    expect(comparison.address).toEqual(first.address);
    await settle();
    server.finish([...server.kept.keys()][0]!);
    await comparison.whenEnded();
    const whole = ['a of the browser', 'b of the server', 'c of the server'];
    expect(captions(comparison)).toEqual(whole);
    const again = await new Comparisons(server.client).open(comparison.address);
    await settle();
    expect(captions(again)).toEqual(whole);
    await (
      await again.extend(wish(lane('b', 'wasm')))
    ).ended;
    expect(captions(again)).toEqual(['a of the browser', 'b of the browser', 'c of the server']);
  });

  it('run in both at once, are stopped in both, and each half tells what it is at', async () => {
    const { comparison } = await page.start(wish(lane('a'), lane('b', 'wasm')));
    await settle();
    expect(comparison.snapshot()).toMatchObject({ known: true, running: true });
    expect(comparison.snapshot().parts).toHaveLength(2);
    await comparison.cancel();
    await comparison.whenEnded();
    expect(comparison.snapshot().lanes.map(({ status }) => status)).toEqual(['stopped', 'done']);
  });
});

it('a page lets go of what it does not show any more, but of nothing that runs, and opens it again as it was', async () => {
  const [one, two, three] = [
    await page.start(wish(lane('a'))),
    await page.start(wish(lane('a'))),
    await page.start(wish(lane('a'), lane('b', 'wasm'))),
  ];
  await settle();
  server.finish(idOf(one.comparison));
  await one.ended;
  for (const view of server.kept.values())
    if (view.status === 'running' && view !== server.kept.get(idOf(two.comparison))) server.finish(view.id);
  await three.ended;
  page.keepOnly([three.comparison]);
  const again = await page.open(one.comparison.address);
  expect(again).not.toBe(one.comparison);
  await settle();
  expect(captions(again)).toEqual(captions(one.comparison));
  // What runs goes on, and of what is shown both halves are the same.
  expect(await page.open(two.comparison.address)).toBe(two.comparison);
  expect(await page.open(three.comparison.address)).toBe(three.comparison);
  expect(captions(three.comparison)).toEqual(['a of the server', 'b of the browser']);
});
