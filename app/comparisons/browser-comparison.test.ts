import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { StudioEvent } from '@/models/events';
import type { TextScore, TextScoreRequest } from '@/models/spaces/score-text';
import { BrowserComparison } from './browser-comparison';
import type { LocalComparison } from './local-comparisons';
import { finishedLane, testServer } from './test-server';
import { testFrames } from './test-storage';

const { shared, said } = vi.hoisted(() => ({
  shared: {} as {
    storage: ReturnType<typeof import('./test-storage').testStorage>;
    score: (request: TextScoreRequest) => Promise<TextScore>;
  },
  said: [] as (StudioEvent | Promise<unknown>)[],
}));
vi.mock('idb', () => ({ openDB: async () => ({ ...(await shared.storage.open()) }) }));
vi.mock('../engine/client', () => ({
  browserEngine: () => ({ scoreText: (request: TextScoreRequest) => shared.score(request) }),
  compareInBrowser: async function* () {
    for (const each of [...said]) {
      if (each instanceof Promise) await each;
      else yield each;
    }
  },
}));

beforeEach(async () => {
  const { testStorage } = await import('./test-storage');
  // One for all: the module holds its database open.
  shared.storage ??= testStorage();
  shared.storage.records.clear();
  Object.assign(shared.storage, { full: false, held: Promise.resolve() });
  said.splice(0);
  testFrames();
});
const settle = () => new Promise((done) => setTimeout(done, 5));
const record = (lanes: string[] = ['a']): LocalComparison => ({
  id: 'mine',
  createdAt: 0,
  family: 'pocket',
  precision: 'fp32',
  embedding: { name: 'words.npy', values: [1] },
  runs: [{ device: 'wasm', lanes: lanes.map((id) => ({ id, decoder: 'clipcap', options: {} })), items: [] }],
});
const input = { kind: 'embedding', embedding: {} } as never;
const { client } = testServer();
/** The same comparison in another tab. */
const tab = () => new BrowserComparison('mine', { client, run: () => Promise.reject(new Error('not here')) });
async function done(lanes?: string[]): Promise<BrowserComparison> {
  const comparison = tab();
  said.push(...(lanes ?? ['a']).map((lane) => finishedLane(lane, `${lane} says a dog`)));
  await (
    await comparison.begin(record(lanes), input)
  ).ended;
  said.splice(0);
  return comparison;
}
const reopened = async () => {
  const comparison = tab();
  await comparison.load();
  return comparison;
};

it('shows a lane as done once its end is kept, and not before', async () => {
  let write = () => undefined as void;
  const comparison = tab();
  const first = new Promise<void>((resolve) => (write = resolve));
  shared.storage.held = first;
  said.push(finishedLane('a', 'a dog'));
  const { ended } = await comparison.begin(record(), input);
  await settle();
  expect(comparison.snapshot().lanes[0]!.status).not.toBe('done');
  write();
  await ended;
  expect(comparison.snapshot()).toMatchObject({ running: false, lanes: [{ status: 'done', caption: 'a dog' }] });
});

it('is the same object while nothing changed, and tells once a frame', async () => {
  const frames = testFrames();
  const comparison = tab();
  let told = 0;
  comparison.subscribe(() => void told++);
  const step = (n: number): StudioEvent => ({
    ...{ type: 'step', lane: 'a', step: n, token: n, text: 'a', logProb: 0, alternatives: [], beams: [] },
    partial: `word ${n}`,
  });
  said.push(...Array.from({ length: 50 }, (_, n) => step(n)), finishedLane('a', 'whole'));
  await (
    await comparison.begin(record(), input)
  ).ended;
  await settle();
  expect(comparison.snapshot()).toBe(comparison.snapshot());
  expect(told).toBeLessThan(10);
  expect(frames.drawn).toBe(told);
});

describe('two tabs', () => {
  it('see each other’s rating, references and captions when looked at again, and overwrite none', async () => {
    const one = await done(['a', 'b']);
    const two = await reopened();
    await Promise.all([one.rate('a', { stars: 5, blind: false }), two.rate('b', { stars: 2, blind: false })]);
    await Promise.all([one.setReferences(['a cat'], []), two.setReferences(['a hen'], [])]);
    await Promise.all([one.accept('a'), two.edit('my own words', { lane: 'b' })]);
    for (const comparison of [one, two]) {
      await comparison.lookAgain();
      expect(comparison.snapshot()).toMatchObject({ ratings: { a: { stars: 5 }, b: { stars: 2 } } });
      expect([...comparison.snapshot().references].sort()).toEqual(['a cat', 'a hen']);
      expect(comparison.snapshot().said.map(({ text, own, lane, by }) => [text, own, lane, by])).toEqual([
        ['a says a dog', false, 'a', 'this browser'],
        ['my own words', true, 'b', 'this browser'],
      ]);
    }
  });

  it('keep what each ran, and a lane that goes on in the one is whole in the other once it is over', async () => {
    const one = await done(['a']);
    const two = await reopened();
    let go = () => undefined as void;
    said.push(new Promise<void>((resolve) => (go = resolve)), finishedLane('b', 'b is here'));
    const { ended } = await one.more(
      [{ device: 'wasm', lanes: [{ id: 'b', decoder: 'decap', options: {} }], items: [] }],
      input,
    );
    await settle();
    await two.lookAgain();
    expect(two.snapshot().lanes.map(({ id, status }) => [id, status])).toEqual([
      ['a', 'done'],
      ['b', 'interrupted'],
    ]);
    await two.rename('renamed meanwhile');
    go();
    await ended;
    await two.lookAgain();
    expect(two.snapshot().lanes.map(({ caption }) => caption)).toEqual(['a says a dog', 'b is here']);
    expect(one.snapshot().title).toBe('');
    await one.lookAgain();
    expect(one.snapshot().title).toBe('renamed meanwhile');
  });
});

describe('a full storage', () => {
  it('takes nothing from what is shown, is told with what to do, and what was not kept is kept once there is room', async () => {
    shared.storage.full = true;
    const comparison = await done();
    expect(comparison.snapshot()).toMatchObject({
      lanes: [{ status: 'done', caption: 'a says a dog' }],
      problem: { message: expect.stringMatching(/no room for it.*Delete stored weights/) },
    });
    expect(shared.storage.records.size).toBe(0);
    // It lasts as long as the page, with what is said of it.
    await comparison.edit('still mine');
    await comparison.lookAgain();
    expect(comparison.snapshot()).toMatchObject({
      lanes: [{ caption: 'a says a dog' }],
      said: [{ text: 'still mine' }],
    });
    shared.storage.full = false;
    said.push(finishedLane('b', 'b'));
    await (
      await comparison.more([{ device: 'wasm', lanes: [{ id: 'b', decoder: 'decap', options: {} }], items: [] }], input)
    ).ended;
    expect((await reopened()).snapshot().lanes.map(({ caption }) => caption)).toEqual(['a says a dog', 'b']);
  });

  it('refuses a rating with its reason, and shows the one before', async () => {
    const comparison = await done();
    await comparison.rate('a', { stars: 3, blind: false });
    shared.storage.full = true;
    const rating = comparison.rate('a', { stars: 1, blind: false });
    expect(comparison.snapshot().ratings).toMatchObject({ a: { stars: 1 } });
    await expect(rating).rejects.toMatchObject({ code: 'storage-full' });
    expect(comparison.snapshot().ratings).toMatchObject({ a: { stars: 3 } });
  });
});

it('after a reload in the middle has what was whole, and says that the rest was interrupted', async () => {
  const comparison = tab();
  said.push(finishedLane('a', 'whole'), new Promise(() => undefined));
  await comparison.begin(record(['a', 'b']), input);
  await settle();
  const again = await reopened();
  expect(again.snapshot()).toMatchObject({ known: true, running: false });
  expect(again.snapshot().lanes.map(({ status, caption }) => [status, caption])).toEqual([
    ['done', 'whole'],
    ['interrupted', ''],
  ]);
});

describe('what a person says', () => {
  it('stays when its lane runs again, is changed in place and taken back', async () => {
    const comparison = await done();
    await comparison.accept('a');
    await comparison.edit(' a brown dog ', { lane: 'a' });
    await comparison.edit('nobody’s', {});
    said.push(finishedLane('a', 'something else'));
    await (
      await comparison.more(
        record().runs.map((run) => ({ ...run, items: [] })),
        input,
      )
    ).ended;
    expect(comparison.snapshot().lanes[0]!.caption).toBe('something else');
    const [accepted, own, free] = comparison.snapshot().said;
    expect([accepted, own, free]).toMatchObject([
      { text: 'a says a dog', own: false, lane: 'a' },
      { text: 'a brown dog', own: true, lane: 'a' },
      { text: 'nobody’s', own: true },
    ]);
    expect(free).not.toHaveProperty('lane');
    await comparison.edit('a brown dog runs', { id: own!.id, lane: 'a' });
    await comparison.takeBack(accepted!.id);
    expect((await reopened()).snapshot().said.map(({ text }) => text)).toEqual(['a brown dog runs', 'nobody’s']);
  });

  it('has the cosine that this browser’s engine finds; the studio is not asked, and a fault loses nothing', async () => {
    const comparison = tab();
    said.push({ type: 'encoded', space: 'pocket', ms: 1, norm: 1, values: [3, 4] }, finishedLane('a', 'a dog'));
    await (
      await comparison.begin(record(), input)
    ).ended;
    const asked: TextScoreRequest[] = [];
    shared.score = async (request) => {
      asked.push(request);
      return { cosine: 0.5, space: 'pocket' };
    };
    await comparison.edit('my dog');
    expect(asked).toEqual([{ family: 'pocket', text: 'my dog', input: { values: [3, 4], space: 'pocket' } }]);
    const [one] = comparison.snapshot().said;
    expect(one).toMatchObject({ text: 'my dog', score: { cosine: 0.5 } });
    shared.score = () => Promise.reject(new Error('no device'));
    await comparison.edit('my old dog', { id: one!.id });
    expect((await reopened()).snapshot().said).toEqual([expect.not.objectContaining({ score: expect.anything() })]);
  });

  it('is refused without a word, and of a lane without a caption', async () => {
    const comparison = await done();
    await expect(comparison.edit('  ')).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(comparison.accept('nosuch')).rejects.toMatchObject({ code: 'option-invalid' });
    expect(comparison.snapshot().said).toEqual([]);
  });
});

it('that is not there says so, and one that was deleted is told as such', async () => {
  expect((await reopened()).snapshot()).toMatchObject({ known: false, absence: 'unknown' });
  await done();
  const shown = await reopened();
  Object.assign(shared.storage.records.get('mine')!, { deletedAt: 1 });
  expect((await reopened()).snapshot()).toMatchObject({ known: false, absence: 'deleted' });
  // Where it stands already it stays.
  await shown.lookAgain();
  expect(shown.snapshot().lanes).toHaveLength(1);
});
