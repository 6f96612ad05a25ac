import { afterEach, describe, expect, it } from 'vitest';
import { StudioError } from '../errors';
import { answerCalls, type Answers } from './answer';
import { Caller } from './caller';
import type { Port, WorkerPort } from './messages';

type Lanes = {
  double: { asks: number; answers: number };
  count: { asks: { to: number; lanes?: string[] }; answers: string; emits: { lane: string; n: number } };
  bytes: { asks: Uint8Array<ArrayBuffer>; answers: Uint8Array<ArrayBuffer> };
  fail: { asks: 'known' | 'foreign' | 'no data'; answers: void };
  never: { asks: undefined; answers: void };
};
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Counts until it is stopped; a lane that is stopped counts no further. */
const answers: Answers<Lanes> = {
  double: (n) => 2 * n,
  count: async ({ to, lanes = ['a'] }, { emit, signal, laneSignal }) => {
    for (let n = 0; n < to; n++) {
      for (const lane of lanes) if (!laneSignal(lane).aborted) emit({ lane, n });
      await turn();
      if (signal.aborted) throw signal.reason;
    }
    return `counted to ${to}`;
  },
  bytes: (asked, { give }) => {
    const answer = asked.map((n) => n + 1);
    give(answer.buffer);
    return answer;
  },
  fail: (how) => {
    if (how === 'known')
      throw new StudioError('option-invalid', 'Beams are 0; expected 1 to 32.', { details: { option: 'beam' } });
    if (how === 'no data') throw new StudioError('internal', 'Strange.', { details: { call: () => 1 } });
    throw new Error('text of a library');
  },
  never: () => new Promise(() => undefined),
};

const channels: MessageChannel[] = [];
afterEach(() => channels.splice(0).forEach(({ port1 }) => port1.close()));

/** A caller whose workers are ports of this thread; `died` ends the last one as a crash does. */
function pair() {
  const made = {
    workers: 0,
    died: (_why: string) => {},
    /** The last worker's inside. */ inside: undefined as unknown as Port,
    note: (_text: string) => {},
    awake: [] as boolean[],
    ended: 0,
  };
  const notes: string[] = [];
  const caller = new Caller<Lanes, string>(
    (died) => {
      const channel = new MessageChannel();
      channels.push(channel);
      made.workers++;
      made.died = died;
      made.inside = channel.port2 as unknown as Port;
      made.note = answerCalls<Lanes, string>(made.inside, answers, (error) =>
        error instanceof StudioError ? error : new StudioError('internal', 'A fault of the worker’s own.'),
      );
      const outside: WorkerPort = {
        onmessage: null,
        postMessage: (message, transfer) => channel.port1.postMessage(message, transfer),
        terminate: () => channel.port1.close(),
        ref: () => made.awake.push(true),
        unref: () => made.awake.push(false),
      };
      channel.port1.onmessage = (event) => outside.onmessage?.(event);
      return outside;
    },
    (why) => new StudioError('device-failed', `The engine stopped: ${why}.`),
    { note: (text) => notes.push(text), end: () => made.ended++ },
  );
  return { caller, made, notes };
}
const all = async <T>(stream: AsyncIterable<T>, seen: T[] = []) => {
  for await (const event of stream) seen.push(event);
  return seen;
};

describe('a worker is called', () => {
  it('starts with the first call, answers each with its own answer, and is kept awake only while at work', async () => {
    const { caller, made } = pair();
    expect([caller.alive, caller.busy]).toEqual([false, false]);
    const asked = [1, 2, 3].map((n) => caller.call('double', n));
    expect([caller.alive, caller.busy]).toEqual([true, true]);
    expect(await Promise.all(asked)).toEqual([2, 4, 6]);
    expect(caller.busy).toBe(false);
    expect(made.workers).toBe(1);
    expect(made.awake).toEqual([true, true, true, false]);
  });

  it('streams what calls emit in order, each to its own', async () => {
    const { caller } = pair();
    const [one, two] = await Promise.all([
      all(caller.stream('count', { to: 5, lanes: ['one'] })),
      all(caller.stream('count', { to: 3, lanes: ['two'] })),
    ]);
    expect(one).toEqual([0, 1, 2, 3, 4].map((n) => ({ lane: 'one', n })));
    expect(two).toEqual([0, 1, 2].map((n) => ({ lane: 'two', n })));
  });

  it('lets buffers go over, both ways', async () => {
    const { caller } = pair();
    const bytes = Uint8Array.of(1, 2, 3);
    const asked = caller.call('bytes', bytes, { transfer: [bytes.buffer] });
    expect(bytes.byteLength).toBe(0);
    expect([...(await asked)]).toEqual([2, 3, 4]);
  });

  it('hears notes that are of no call', async () => {
    const { caller, made, notes } = pair();
    await caller.call('double', 1);
    made.note('half is here');
    await expect.poll(() => notes).toEqual(['half is here']);
  });
});

describe('a call is stopped', () => {
  it('before it began, and in the middle', async () => {
    const { caller } = pair();
    const early = AbortSignal.abort();
    await expect(caller.call('count', { to: 1e9 }, { signal: early })).rejects.toMatchObject({ code: 'cancelled' });
    const late = new AbortController();
    const seen: unknown[] = [];
    const stream = caller.stream('count', { to: 1e9 }, { signal: late.signal });
    const end = (async () => {
      for await (const event of stream) if (seen.push(event) === 3) late.abort();
    })();
    await expect(end).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen.length).toBeGreaterThanOrEqual(3);
    expect(caller.busy).toBe(false);
  });

  it('when the loop over it ends early; the worker is free when the loop has ended', async () => {
    const { caller } = pair();
    for await (const { n } of caller.stream('count', { to: 1e9 })) if (n === 2) break;
    expect(caller.busy).toBe(false);
  });

  it('in one lane alone', async () => {
    const { caller } = pair();
    const lane = new AbortController();
    const seen: string[] = [];
    const stream = caller.stream(
      'count',
      { to: 20, lanes: ['a', 'b'] },
      { laneSignals: [['a', lane.signal] as const, ['b', undefined] as const] },
    );
    for await (const event of stream) {
      seen.push(event.lane);
      if (event.lane === 'a' && event.n === 1) lane.abort();
    }
    expect(seen.filter((name) => name === 'b')).toHaveLength(20);
    expect(seen.filter((name) => name === 'a').length).toBeLessThan(20);
  });

  it('and nothing is sent for a call that is over', async () => {
    const { caller, made } = pair();
    const signal = new AbortController();
    await caller.call('double', 1, { signal: signal.signal });
    const heard: unknown[] = [];
    (made.inside as unknown as MessagePort).addEventListener('message', ({ data }) => heard.push(data));
    signal.abort();
    await turn();
    expect(heard).toEqual([]);
  });
});

describe('a worker ends', () => {
  it('and everything in flight is rejected with why; the next call starts a new one', async () => {
    const { caller, made } = pair();
    const call = caller.call('never', undefined);
    const stream = all(caller.stream('count', { to: 1e9 }));
    await caller.call('double', 1);
    made.died('its thread ended with 1');
    for (const lost of [call, stream])
      await expect(lost).rejects.toMatchObject({
        code: 'device-failed',
        message: 'The engine stopped: its thread ended with 1.',
      });
    expect([caller.alive, caller.busy, made.ended]).toEqual([false, false, 1]);
    expect(await caller.call('double', 4)).toBe(8);
    expect(made.workers).toBe(2);
  });

  it('and what a former one says late does not touch the present one', async () => {
    const { caller, made } = pair();
    await caller.call('double', 1);
    const { died } = made;
    await caller.end(new StudioError('cancelled', 'Ended.'));
    const call = caller.call('double', 5);
    died('its thread ended with 0');
    expect(await call).toBe(10);
    expect(made.ended).toBe(1);
  });

  it('when it is asked to, with the words of whoever asked', async () => {
    const { caller } = pair();
    const call = caller.call('never', undefined);
    call.catch(() => undefined);
    await caller.end(new StudioError('device-failed', 'The engine was closed.'));
    await expect(call).rejects.toMatchObject({ message: 'The engine was closed.' });
  });

  it('before it began', async () => {
    const caller = new Caller<Lanes>(
      () => {
        throw new Error('no threads here');
      },
      (why) => new StudioError('device-failed', why),
    );
    await expect(caller.call('double', 1)).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('not be started') as string,
    });
    expect(caller.busy).toBe(false);
  });
});

describe('what goes wrong', () => {
  it('crosses whole, with code and details', async () => {
    const { caller } = pair();
    const error = await caller.call('fail', 'known').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StudioError);
    expect((error as StudioError).toData()).toEqual({
      code: 'option-invalid',
      message: 'Beams are 0; expected 1 to 32.',
      details: { option: 'beam' },
    });
  });

  it('is in the words of the answering side, and without what cannot cross', async () => {
    const { caller } = pair();
    await expect(caller.call('fail', 'foreign')).rejects.toMatchObject({ message: 'A fault of the worker’s own.' });
    await expect(caller.call('fail', 'no data')).rejects.toMatchObject({ code: 'internal', details: undefined });
  });

  it('is told of what is no data or that nobody knows, and the neighbours go on', async () => {
    const { caller } = pair();
    const neighbour = all(caller.stream('count', { to: 5 }));
    await expect(caller.call('double', (() => 1) as unknown as number)).rejects.toMatchObject({
      code: 'device-failed',
    });
    await expect(caller.call('triple' as 'double', 1)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('"triple"') as string,
    });
    expect(await neighbour).toHaveLength(5);
  });

  it('is nothing where a message is of another kind', async () => {
    const { caller, made } = pair();
    await caller.call('double', 1);
    // As an extension of a browser, or a newer script, may send.
    for (const odd of [null, undefined, 'hello', { kind: 'hello', id: 1 }]) {
      made.inside.postMessage(odd, []);
      made.inside.onmessage!({ data: odd });
    }
    expect(await caller.call('double', 2)).toBe(4);
  });
});
