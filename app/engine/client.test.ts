import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CompareRequest } from '@/models/compare';
import { BrowserEngine, browserEngine, loadedFamilies, unloadFamilies } from './client';
import type { FromWorker, ToWorker } from '@/models/worker/messages';
import type { EngineCalls } from './messages';

vi.mock('./offline', () => ({ keepEngineOffline: async () => undefined }));

/** Answers every message at once, but a comparison only when told to. */
class ScriptedWorker {
  static all: ScriptedWorker[] = [];
  onmessage?: (event: { data: FromWorker<EngineCalls> }) => void;
  ended = false;
  comparing: number[] = [];
  constructor() {
    ScriptedWorker.all.push(this);
  }
  postMessage(message: ToWorker<EngineCalls>) {
    if (message.kind === 'stop') return;
    if (message.call === 'compare') this.comparing.push(message.id);
    else queueMicrotask(() => this.#done(message.id));
  }
  finish() {
    for (const id of this.comparing.splice(0)) this.#done(id);
  }
  #done(id: number) {
    this.onmessage?.({ data: { kind: 'done', id, value: undefined } });
  }
  terminate() {
    this.ended = true;
  }
}

const request = (family: string) => ({ family, input: { kind: 'image' }, lanes: [] }) as unknown as CompareRequest;
const begin = async (engine: BrowserEngine, family: string) => {
  for await (const _ of engine.compare(request(family)));
};
const asked = (n: number) => vi.waitFor(() => expect(ScriptedWorker.all.at(-1)!.comparing).toHaveLength(n));
const run = async (engine: BrowserEngine, family: string) => {
  const done = begin(engine, family);
  await asked(1);
  ScriptedWorker.all.at(-1)!.finish();
  await done;
};

beforeEach(() => {
  ScriptedWorker.all = [];
  vi.stubGlobal('Worker', ScriptedWorker);
});
afterEach(() => {
  unloadFamilies();
  vi.unstubAllGlobals();
});

describe('memory of the browser engine', () => {
  it('keeps the worker for the same family and ends it before another one is loaded', async () => {
    const engine = new BrowserEngine({ device: 'wasm', precision: 'fp32' });
    await run(engine, 'pocket');
    await run(engine, 'pocket');
    expect(ScriptedWorker.all).toHaveLength(1);
    await run(engine, 'clipcap-coco');
    expect(ScriptedWorker.all.map(({ ended }) => ended)).toEqual([true, false]);
    expect(engine.loaded).toEqual({ family: 'clipcap-coco', device: 'wasm', precision: 'fp32', busy: false });
  });

  it('does not end a worker that is at work, neither for another family nor when asked to unload', async () => {
    const engine = browserEngine('wasm', 'fp32');
    const first = begin(engine, 'pocket');
    await asked(1);
    expect(engine.loaded?.busy).toBe(true);
    unloadFamilies('pocket');
    const second = begin(engine, 'clipcap-coco');
    await asked(2);
    expect(ScriptedWorker.all).toHaveLength(1);
    expect(ScriptedWorker.all[0]!.ended).toBe(false);
    ScriptedWorker.all[0]!.finish();
    await Promise.all([first, second]);
    expect(loadedFamilies()).toHaveLength(1);
    unloadFamilies('clipcap-coco');
    expect(ScriptedWorker.all[0]!.ended).toBe(true);
    expect(loadedFamilies()).toEqual([]);
  });
});
