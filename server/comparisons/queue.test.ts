import { describe, expect, it } from 'vitest';
import { type Ticket, WorkQueue } from './queue';

/** Puts entries in, then lets one after the other end, and tells in which order they had their turn. */
function line(limits: { running: number; waiting: number }) {
  const queue = new WorkQueue(limits, 'comparisons');
  const working: Ticket[] = [];
  const started: string[] = [];
  const ahead = new Map<string, number>();
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return {
    queue,
    started,
    ahead,
    enter(owner: string, name = owner) {
      const ticket = queue.enter(owner, (n) => ahead.set(name, n));
      void ticket.turn(new AbortController().signal).then(() => {
        started.push(name);
        working.push(ticket);
      });
      return ticket;
    },
    async end(count = 1) {
      for (let i = 0; i < count; i++) {
        await settle();
        working.shift()?.leave();
      }
      await settle();
    },
  };
}
const greedy = ['a', 'b', 'c', 'd', 'e'];

describe('places in the queue', () => {
  it('go round by owner: a newcomer among five greedy ones waits for one that works, not for twenty', async () => {
    for (const servedBefore of [0, 1, 7, 13]) {
      const { enter, end, started, ahead } = line({ running: 2, waiting: 40 });
      for (const owner of greedy) for (let n = 0; n < 8; n++) enter(owner);
      await end(servedBefore);
      enter('newcomer');
      expect(ahead.get('newcomer')).toBe(2);
      await end(1);
      expect(started.at(-1)).toBe('newcomer');
    }
  });

  it('take turns among those who ask alike, and keep an owner’s own in order', async () => {
    const { enter, end, started } = line({ running: 1, waiting: 40 });
    for (const owner of ['a', 'b', 'c']) for (let n = 0; n < 4; n++) enter(owner, `${owner}${n}`);
    await end(12);
    expect(started).toHaveLength(12);
    for (const owner of ['a', 'b', 'c'])
      expect(started.filter((name) => name.startsWith(owner))).toEqual([0, 1, 2, 3].map((n) => `${owner}${n}`));
    // No owner has a second turn before each has had one.
    const second = Math.min(...['a1', 'b1', 'c1'].map((name) => started.indexOf(name)));
    for (const name of ['a0', 'b0', 'c0']) expect(started.indexOf(name)).toBeLessThan(second);
  });

  it('pass nobody for ever, however many newcomers there are', async () => {
    const { enter, end, started } = line({ running: 1, waiting: 40 });
    enter('first');
    for (let n = 0; n < 4; n++) enter('patient');
    for (let n = 0; n < 60; n++) {
      enter(`new ${n}`);
      await end(1);
    }
    expect(started.filter((name) => name === 'patient').length).toBeGreaterThan(0);
  });

  it('are kept for newcomers when the greedy have taken all, and these are bounded too', async () => {
    const { queue, enter, end, started } = line({ running: 1, waiting: 4 });
    for (let n = 0; n < 5; n++) enter('a');
    expect(() => enter('a')).toThrow(/1 comparisons running and 4 waiting/);
    for (let n = 0; n < 4; n++) enter(`new ${n}`);
    expect(() => enter('new 0')).toThrow(/busy/);
    expect(() => enter('one more')).toThrow(/busy/);
    await end(4);
    expect(started.filter((name) => name === 'a')).toHaveLength(1);
    await end(10);
    expect(started).toHaveLength(9);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('tell how many are ahead whenever that changes, and forget who left while waiting', async () => {
    const { enter, end, ahead, started } = line({ running: 1, waiting: 10 });
    enter('a');
    enter('a', 'second');
    const gone = enter('b', 'gone');
    expect(ahead.get('second')).toBe(2);
    gone.leave();
    gone.leave();
    expect(ahead.get('second')).toBe(1);
    await end(3);
    expect(started).toEqual(['a', 'second']);
  });
});
