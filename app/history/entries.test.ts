import { describe, expect, it } from 'vitest';
import type { LocalComparison } from '../lib/local-comparisons';
import { type Entry, fromBrowser, matches, merge } from './entries';

const local = (id: string, createdAt: number, captions: (string | undefined)[]): LocalComparison => ({
  id,
  createdAt,
  family: 'pocket',
  precision: 'fp32',
  photo: { blob: new Blob(), name: 'Café.jpg', width: 1, height: 1 },
  runs: [
    {
      device: 'wasm',
      lanes: captions.map((_, i) => ({ id: `l${i}`, decoder: 'clipcap', options: {} })),
      items: captions.flatMap((caption, i) => (caption === undefined ? [] : [{ kind: 'event' as const, at: 0, event: { type: 'lane-finished' as const, lane: `l${i}`, result: { caption } as never } }])),
    },
  ],
});

describe('the history of this browser', () => {
  it('shows captions of a run, also of one that was cut off', () => {
    const entry = fromBrowser(local('a', 5, ['a dog runs', undefined]));
    expect(entry).toMatchObject({ where: 'browser', href: '/local?id=a', fallback: 'Café.jpg', status: 'interrupted', facts: ['wasm'], deleted: false });
    expect(entry.lanes.map(({ caption, status }) => caption ?? status)).toEqual(['a dog runs', 'interrupted']);
  });

  it('is found as the server finds: beginnings of words, all of them, without accents', () => {
    const entry = fromBrowser(local('a', 5, ['a brown dog runs']));
    expect(['BRO dog', 'cafe', 'café ru', '', '…'].map((search) => matches(entry, search))).toEqual([true, true, true, true, true]);
    expect(['cat', 'rown', 'dog cat'].map((search) => matches(entry, search))).toEqual([false, false, false]);
  });

  it('joins the server’s pages by time and puts nothing above what is read', () => {
    const at = (time: number, where: Entry['where']) => ({ ...fromBrowser(local(`${where}${time}`, time, [])), where });
    const server = [at(9, 'server'), at(5, 'server')];
    const browser = [at(7, 'browser'), at(3, 'browser')];
    expect(merge(server, browser, true).map(({ createdAt }) => createdAt.getTime())).toEqual([9, 7, 5]);
    expect(merge(server, browser, false).map(({ createdAt }) => createdAt.getTime())).toEqual([9, 7, 5, 3]);
  });
});
