import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Scheduler } from './scheduler';
import type { Session } from './types';

// Time passes only while a session runs, so that a loaded machine changes nothing.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A session whose runs take a while, and a log of who ran when. */
function device(onRun: () => void = () => undefined) {
  const log: string[] = [];
  let inFlight = 0;
  let most = 0;
  const session = (name: string, ms: number): Session => ({
    inputs: [],
    outputs: [],
    inputType: () => 'float32',
    async run() {
      most = Math.max(most, ++inFlight);
      log.push(name);
      onRun();
      vi.advanceTimersByTime(ms);
      await Promise.resolve();
      inFlight--;
      return {};
    },
    release: async () => undefined,
  });
  return { log, session, most: () => most };
}

async function runs(times: number, run: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < times; n++) await run();
}

describe('the scheduler', () => {
  it('has one run in flight, however many lanes want one', async () => {
    const { session, most, log } = device();
    const scheduler = new Scheduler();
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => {
        const lane = scheduler.lane();
        return runs(5, () => lane.run(session(name, 1), {}));
      }),
    );
    expect(log).toHaveLength(20);
    expect(most()).toBe(1);
  });

  it('shares device time, not turns: a light lane is done long before a heavy one', async () => {
    const { session, log } = device();
    const scheduler = new Scheduler();
    const [heavy, light] = [scheduler.lane(), scheduler.lane()];
    const heavyRun = session('heavy', 20);
    const lightRun = session('light', 2);
    await Promise.all([runs(10, () => heavy.run(heavyRun, {})), runs(20, () => light.run(lightRun, {}))]);
    const lastLight = log.lastIndexOf('light');
    expect(log.slice(0, lastLight).filter((name) => name === 'heavy').length).toBeLessThanOrEqual(5);
    expect(light.runs).toBe(20);
    expect(heavy.deviceMs).toBe(200);
    expect(light.deviceMs).toBe(40);
  });

  it('puts a newcomer level with the lanes at work instead of letting it catch up on their past', async () => {
    const { session, log } = device();
    const scheduler = new Scheduler();
    const old = scheduler.lane();
    const oldRun = session('old', 5);
    await runs(10, () => old.run(oldRun, {}));
    const newcomer = scheduler.lane();
    const newRun = session('new', 5);
    await Promise.all([runs(6, () => old.run(oldRun, {})), runs(6, () => newcomer.run(newRun, {}))]);
    const together = log.slice(10, 16);
    expect(together.filter((name) => name === 'old').length).toBeGreaterThanOrEqual(2);
    expect(together.filter((name) => name === 'new').length).toBeGreaterThanOrEqual(2);
  });

  it('lets no waiting lane starve under a stream of newcomers', async () => {
    const { session, log } = device();
    const scheduler = new Scheduler(0, 60);
    const heavy = scheduler.lane();
    const light = scheduler.lane();
    await heavy.run(session('heavy', 50), {});
    let waiting = true;
    const turn = heavy.run(session('heavy', 1), {}).then(() => (waiting = false));
    // The light lane has used nothing, and every newcomer starts level with whoever has used least.
    const idle = light.run(session('light', 1), {});
    const crowd = Array.from({ length: 3 }, async () => {
      for (let n = 0; n < 200 && waiting; n++) await scheduler.lane().run(session('newcomer', 1), {});
    });
    await Promise.all([turn, idle, ...crowd]);
    expect(log.lastIndexOf('heavy')).toBeLessThan(150);
  });

  it('begins at most one run after an abort, fails the waiting ones as cancelled and serves the neighbours', async () => {
    const controller = new AbortController();
    const doomed = () => log.filter((name) => name === 'doomed').length;
    let begunBefore = Infinity;
    const { session, log } = device(() => {
      // As a message from another thread: at a turn of the event loop, not inside a run.
      if (doomed() === 20 && begunBefore === Infinity)
        setImmediate(() => {
          begunBefore = doomed();
          controller.abort();
        });
    });
    const scheduler = new Scheduler();
    const lanes = Array.from({ length: 4 }, () => scheduler.lane(controller.signal));
    const neighbour = scheduler.lane();
    const outcomes = lanes.map((lane) =>
      runs(50, () => lane.run(session('doomed', 1), {})).then(
        () => 'finished',
        (error: { code: string }) => error.code,
      ),
    );
    const kept = runs(30, () => neighbour.run(session('kept', 1), {}));
    expect(await Promise.all(outcomes)).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled']);
    await kept;
    expect(begunBefore).toBeGreaterThanOrEqual(20);
    expect(doomed() - begunBefore).toBeLessThanOrEqual(1);
    expect(neighbour.runs).toBe(30);
  });

  it('loads graphs between runs, the least first, and none waits for ever', async () => {
    const { session, log } = device();
    const scheduler = new Scheduler(0, 100);
    const lane = scheduler.lane();
    const load = (name: string, order: number) =>
      scheduler.load(order, async () => {
        log.push(name);
        vi.advanceTimersByTime(50);
      });
    const first = load('last', 9);
    const all = Promise.all([first, load('second', 2), load('first', 1)]);
    // Nothing runs yet: the least order comes first. Then a lane streams, and what is left waits its patience.
    await load('zeroth', 0);
    await Promise.all([runs(40, () => lane.run(session('run', 10), {})), all]);
    const loads = log.filter((name) => name !== 'run');
    expect(loads).toEqual(['zeroth', 'first', 'second', 'last']);
    const between = log.slice(log.indexOf('second'), log.indexOf('last')).filter((name) => name === 'run').length;
    expect(between).toBeGreaterThanOrEqual(10);
    expect(between).toBeLessThan(20);
  });

  it('goes on after a load that fails', async () => {
    const scheduler = new Scheduler();
    const { session } = device();
    await expect(scheduler.load(1, () => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
    const lane = scheduler.lane();
    await lane.run(session('next', 2), {});
    expect(lane.runs).toBe(1);
  });

  it('goes on after a run that fails, and charges it', async () => {
    const scheduler = new Scheduler();
    const { session } = device();
    const lane = scheduler.lane();
    const broken: Session = { ...session('broken', 0), run: () => Promise.reject(new Error('no memory')) };
    await expect(lane.run(broken, {})).rejects.toThrow('no memory');
    await lane.run(session('next', 2), {});
    expect(lane.runs).toBe(2);
    expect(lane.deviceMs).toBe(2);
  });
});
