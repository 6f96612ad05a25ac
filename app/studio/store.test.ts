import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { StudioInfo } from '@/kept/answers';
import { StudioError } from '@/models/errors';
import { finishedLane, testServer } from '../comparisons/test-server';
import { testFrames, testStorage } from '../comparisons/test-storage';
import { chooseDevices } from '../lanes/devices-state';
import { addLane, removeLane } from '../lanes/lanes-state';
import { blindOff, keepBlind } from '../ratings/blind-kept';
import { hidden, known, reveal, setBlind } from '../ratings/blind-state';
import { areKept, keepReferences, referenceText, typeReferences } from '../references/references-state';
import { giveAddress, giveFiles, giveOne, giveSum } from './giving';
import { rateLane, runAll, runLanes, selectInput } from './running';
import * as select from './selectors';
import { createStudio, type Studio } from './store';
import { runSkipped, stop } from './turns';
import { enter, lookAgain } from './visit';

const { shared } = vi.hoisted(() => ({ shared: {} as { storage: { open: () => Promise<unknown> } } }));
vi.mock('idb', () => ({ openDB: () => shared.storage.open() }));
vi.mock('../engine/devices', () => ({
  webDevices: async () => [{ name: 'wasm', available: true }],
  wasmDevice: () => ({ name: 'wasm', available: true }),
}));
vi.mock('../engine/client', () => ({
  browserEngine: () => ({
    prepare: async () => undefined,
    open: async () => undefined,
    decode: async () => {
      throw new StudioError('image-unreadable', 'not a picture');
    },
  }),
  compareInBrowser: async function* (_device: string, { lanes }: { lanes: { id: string }[] }) {
    for (const { id } of lanes) yield finishedLane(id, `${id} of the browser`);
  },
}));

const info = {
  families: [
    { name: 'pocket', space: 'pocket', dim: 1, decoders: ['clipcap', 'decap'], defaults: {} },
    { name: 'other', space: 'other', dim: 1, decoders: ['decap'], defaults: {} },
  ],
  decoders: ['clipcap', 'decap'].map((name) => ({ name, title: name, options: [], pageDefaults: {}, presets: [] })),
  samples: [],
  limits: { uploadBytes: 9 },
} as unknown as StudioInfo;
const source = (name: string) => ({ kind: 'embedding' as const, name, values: [1] });
const settle = (ms = 5) => new Promise((done) => setTimeout(done, ms));

let server: ReturnType<typeof testServer>;
beforeEach(() => {
  shared.storage = testStorage();
  keepBlind(blindOff);
  testFrames();
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible', hidden: false }));
  vi.stubGlobal('window', new EventTarget());
  server = testServer();
});

/** A page that has come alive. */
function page(opened?: Parameters<typeof createStudio>[1]) {
  const went: string[] = [];
  const collected: Parameters<Studio['sender']['send']>[] = [];
  const studio = createStudio(
    {
      client: server.client,
      askInfo: async () => info,
      goTo: (path, how) => void went.push(`${how} ${path}`),
      sender: { send: async (...asked) => void collected.push(asked) } as Studio['sender'],
    },
    opened,
  );
  const leave = enter(studio);
  studio.store.setState({ info });
  const state = () => studio.store.getState();
  const captions = () => state().shown.lanes.map(({ caption }) => caption);
  const finish = async () => {
    for (const [id, { status }] of server.kept) if (status === 'running') server.finish(id);
    await settle();
  };
  return { studio, state, went, collected, leave, captions, finish };
}

describe('an input', () => {
  it('is described by all lanes, in a comparison of its own whose address the page has', async () => {
    const { studio, state, went, captions, finish } = page();
    await giveOne(studio, source('one'));
    expect(state()).toMatchObject({ working: undefined, inputs: [{ source: { name: 'one' } }] });
    await settle();
    expect(state().shown.running).toBe(true);
    await finish();
    expect(captions()).toEqual(['clipcap of the server', 'decap of the server']);
    expect(Object.values(state().statuses)).toEqual(['done']);
    expect(went).toEqual(['push /c/server1']);
    await runAll(studio);
    expect(went.at(-1)).toBe('push /c/server2');
    expect(state().inputs).toHaveLength(1);
  });

  it('runs where its lanes are set to; the first lane elsewhere changes its address, not what is shown', async () => {
    const { studio, state, went, captions, finish } = page();
    await settle();
    await giveOne(studio, source('one'));
    await settle();
    await finish();
    chooseDevices(studio.store, ['decap'], 'wasm');
    await runLanes(studio, [{ id: 'decap', decoder: 'decap', options: {} }]);
    await settle();
    expect(captions()).toEqual(['clipcap of the server', 'decap of the browser']);
    expect(went.at(-1)).toMatch(/^replace \/local\?id=/);
    expect(state().asked).toEqual([]);
    expect(server.asked.filter((name) => name === 'create')).toHaveLength(1);
  });

  it('that cannot be read is told, and what was there stays', async () => {
    const { studio, state, captions, finish } = page();
    await settle();
    await giveOne(studio, source('one'));
    await settle();
    await finish();
    chooseDevices(studio.store, ['clipcap', 'decap'], 'wasm');
    await giveOne(studio, { kind: 'photo', name: 'broken.jpg', blob: new Blob(['?']) });
    expect(select.problem(state())).toMatchObject({ message: 'not a picture' });
    expect(captions()).toHaveLength(2);
    await giveFiles(studio, []);
    expect(select.problem(state())!.message).toMatch(/no picture and no embedding/);
    expect(giveAddress(studio, 'no address')).toBe(false);
  });

  it('of another that is shown is not followed by what shows this one', async () => {
    const { studio, state, finish } = page();
    await giveOne(studio, source('one'));
    await settle();
    await finish();
    await giveOne(studio, source('two'));
    await settle();
    const [first, second] = state().inputs;
    selectInput(studio, first!.key);
    const before = state().shown;
    let told = 0;
    studio.store.subscribe(() => void told++);
    for (let n = 0; n < 20; n++)
      server.event('server2', {
        ...{ type: 'step', lane: 'clipcap', step: n, token: n, text: 'a', logProb: 0, alternatives: [], beams: [] },
        partial: `word ${n}`,
      });
    await settle();
    expect([told, state().shown]).toEqual([0, before]);
    await finish();
    expect([told, state().statuses[second!.key]]).toEqual([1, 'done']);
  });
});

describe('several inputs', () => {
  it('have their turn one after the other; a stop sets the rest aside, which can be run', async () => {
    const { studio, state, finish } = page();
    const files = ['a.json', 'b.json', 'c.json'].map(
      (name) => new File([JSON.stringify({ space: 'pocket', modality: 'image', values: [1] })], name),
    );
    const turns = giveFiles(studio, files);
    await settle(20);
    expect(Object.values(state().statuses)).toEqual(['running', 'waiting', 'waiting']);
    expect(select.inTurn(state())).toBe(true);
    await finish();
    await settle(20);
    expect(Object.values(state().statuses)).toEqual(['done', 'running', 'waiting']);
    await stop(studio);
    await turns;
    await settle();
    // What was stopped says so, and not that it is done.
    expect(Object.values(state().statuses)).toEqual(['done', 'stopped', 'not run']);
    expect(select.skippedCount(state())).toBe(1);
    void runSkipped(studio);
    await settle(20);
    await finish();
    expect(Object.values(state().statuses)).toEqual(['done', 'stopped', 'done']);
    expect(state().ofBatch).toBeUndefined();
  });

  it('are a collection where they are photos and all lanes run on the server; else they stay in this browser', async () => {
    const { studio, state, collected } = page();
    await settle();
    const photos = ['a.jpg', 'b.jpg'].map((name) => new File(['?'], name, { type: 'image/jpeg' }));
    const embedding = new File([JSON.stringify({ space: 'pocket', modality: 'image', values: [1] })], 'c.json');
    addLane(studio.store, select.bench(state()), { decoder: 'decap', options: { prefixTokens: [3] } });
    await giveFiles(studio, [...photos, embedding]);
    const wish = { family: 'pocket', lanes: [{ id: 'clipcap', decoder: 'clipcap', options: {} }, { id: 'decap' }] };
    expect(collected).toMatchObject([[photos, wish, { uploadBytes: 9 }]]);
    expect(state().inputs.map(({ source: given }) => given)).toMatchObject([{ kind: 'embedding' }]);
    chooseDevices(studio.store, ['decap'], 'wasm');
    void giveFiles(studio, photos);
    await settle();
    expect(collected).toHaveLength(1);
    expect(state().inputs).toHaveLength(3);
  });

  it('add up to a sum; only its texts are asked of the studio', async () => {
    const { studio, state, finish } = page();
    await giveOne(studio, source('one'));
    await settle();
    await finish();
    await giveSum(studio, [{ kind: 'input', key: state().active!, weight: 2 }]);
    expect(state().inputs.at(-1)!.source).toMatchObject({ kind: 'embedding', name: '2 × one', values: [1] });
  });
});

describe('a comparison that an address names', () => {
  it('is opened with its own lanes, also in the middle of its run, and goes on', async () => {
    const first = page();
    addLane(first.studio.store, select.bench(first.state()), { decoder: 'decap', options: { beam: 3 } });
    await giveOne(first.studio, source('one'));
    await settle();
    server.event('server1', finishedLane('clipcap', 'first words'));
    first.leave();
    const { state, captions, finish } = page({ where: 'server', id: 'server1' });
    await settle();
    expect(captions()).toEqual(['first words', '', '']);
    expect(select.lanes(state()).map(({ id, options }) => [id, options])).toEqual([
      ['clipcap', {}],
      ['decap', {}],
      ['decap-2', { beam: 3 }],
    ]);
    await finish();
    expect(captions()).toEqual(['first words', 'decap of the server', 'decap-2 of the server']);
  });

  it('shares nothing with another page, and is left with all that it followed', async () => {
    const [one, two] = [page(), page()];
    await giveOne(one.studio, source('one'));
    await settle();
    removeLane(one.studio.store, select.bench(one.state()), 'decap');
    expect(two.state()).toMatchObject({ inputs: [], active: undefined });
    expect(select.lanes(two.state())).toHaveLength(2);
    expect(server.listening('server1')).toBe(1);
    one.leave();
    expect(server.listening('server1')).toBe(0);
  });

  it('that is not there is told as such', async () => {
    const { state } = page({ where: 'server', id: 'nosuch' });
    await settle();
    expect(state().shown).toMatchObject({ known: false, absence: 'unknown' });
  });
});

describe('references', () => {
  it('are kept once the person rests, or leaves their input, each with its own', async () => {
    const { studio, state, leave } = page();
    const kept = () => [...server.kept.values()].map(({ references }) => references);
    await giveOne(studio, source('one'));
    await settle();
    typeReferences(studio.store, 'a dog\n\n a brown dog ');
    expect([referenceText(state()), areKept(state())]).toEqual(['a dog\n\n a brown dog ', false]);
    await settle(650);
    expect([kept(), areKept(state())]).toEqual([[['a dog', 'a brown dog']], true]);
    typeReferences(studio.store, 'a cat');
    const [first] = state().inputs;
    await giveOne(studio, source('two'));
    await settle();
    expect([kept()[0], referenceText(state())]).toEqual([['a cat'], '']);
    typeReferences(studio.store, 'a boat');
    keepReferences(studio.store);
    await settle();
    expect(kept()).toEqual([['a cat'], ['a boat']]);
    selectInput(studio, first!.key);
    expect(referenceText(state())).toBe('a cat');
    typeReferences(studio.store, 'a cow');
    leave();
    await settle();
    expect(kept()[0]).toEqual(['a cow']);
  });

  it('that another tab added stay, and are shown once the page is looked at again', async () => {
    const { studio, state } = page();
    await giveOne(studio, source('one'));
    await settle();
    typeReferences(studio.store, 'mine');
    server.kept.get('server1')!.references = ['theirs'];
    keepReferences(studio.store);
    await settle();
    window.dispatchEvent(new Event('focus'));
    await settle(20);
    expect(referenceText(state()).split('\n').sort()).toEqual(['mine', 'theirs']);
  });

  it('that cannot be kept say so, stay in the field, and are tried again', async () => {
    const { studio, state } = page();
    await giveOne(studio, source('one'));
    await settle();
    server.server.away = true;
    typeReferences(studio.store, 'mine');
    keepReferences(studio.store);
    await settle();
    expect([state().unkept !== undefined, referenceText(state()), areKept(state())]).toEqual([true, 'mine', false]);
    server.server.away = false;
    keepReferences(studio.store);
    await settle();
    expect([state().unkept, areKept(state())]).toEqual([undefined, true]);
  });
});

describe('blind mode', () => {
  it('hides names of what is shown until they are revealed; what was seen by name is not blind any more', async () => {
    const { studio, state, finish } = page();
    const { store } = studio;
    setBlind(store, true);
    await giveOne(studio, source('one'));
    await settle();
    await finish();
    expect([hidden(state()), known(state())]).toEqual([true, false]);
    expect(
      select
        .standing(state())
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['clipcap', 'decap']);
    reveal(store);
    expect([hidden(state()), known(state())]).toEqual([false, true]);
    // The same input once more gives the same captions: those are known.
    await runAll(studio);
    await settle();
    expect([hidden(state()), known(state())]).toEqual([true, true]);
    await giveOne(studio, source('two'));
    await settle();
    expect([hidden(state()), known(state())]).toEqual([true, false]);
    setBlind(store, false);
    expect(page().state().blind.on).toBe(false);
  });
});

describe('a lane that runs once more', () => {
  it('has its run before, which no other input has', async () => {
    const { studio, state, finish } = page();
    await giveOne(studio, source('one'));
    await settle();
    await finish();
    expect(state().runs.pairs.size).toBe(0);
    await runLanes(studio, [{ id: 'decap', decoder: 'decap', options: {} }]);
    await settle();
    server.event('server1', finishedLane('decap', 'something else'));
    await settle(20);
    expect(state().runs.pairs.get('decap')).toMatchObject({
      before: { caption: 'decap of the server' },
      now: { caption: 'something else' },
    });
    await giveOne(studio, source('two'));
    await settle();
    expect(state().runs.pairs.size).toBe(0);
  });
});

describe('two tabs', () => {
  it('see what the other said, rated and ran elsewhere once they are looked at again', async () => {
    const one = page();
    await settle();
    await giveOne(one.studio, source('one'));
    await settle();
    await one.finish();
    const two = page({ where: 'server', id: 'server1' });
    await settle();
    await rateLane(one.studio, 'clipcap', { stars: 4, blind: false });
    await select.active(one.state())!.comparison!.edit('mine');
    window.dispatchEvent(new Event('focus'));
    await settle(20);
    expect(two.state().shown).toMatchObject({ ratings: { clipcap: { stars: 4 } }, said: [{ text: 'mine' }] });
    // A comparison of this browser gets its first lane on the server in the one: the other shows it too.
    chooseDevices(one.studio.store, ['clipcap', 'decap'], 'wasm');
    await runAll(one.studio);
    await settle(20);
    const three = page(select.active(one.state())!.comparison!.address);
    await settle(20);
    chooseDevices(one.studio.store, ['decap'], 'server');
    await runLanes(one.studio, [{ id: 'decap', decoder: 'decap', options: {} }]);
    await one.finish();
    await lookAgain(three.studio);
    await settle(20);
    expect(three.captions()).toEqual(['clipcap of the browser', 'decap of the server']);
  });

  it('are told where a rating could not be kept', async () => {
    const { studio, state, finish } = page();
    await giveOne(studio, source('one'));
    await settle();
    await finish();
    server.server.away = true;
    await rateLane(studio, 'clipcap', { stars: 4, blind: false });
    await settle();
    expect(state().ratingProblem).toMatchObject({ message: expect.stringMatching(/could not be kept/) });
    expect(state().shown.ratings).toEqual({});
  });
});
