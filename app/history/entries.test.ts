import { describe, expect, it } from 'vitest';
import type { LocalComparison } from '../comparisons/local-comparisons';
import { savedForm } from '../comparisons/save-local';
import { ratingTable } from '@/kept/ratings';
import { byRating, type Entry, fromBrowser, isRated, joinRated, matches, merge } from './entries';

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
      items: captions.flatMap((caption, i) =>
        caption === undefined
          ? []
          : [
              {
                kind: 'event' as const,
                at: 0,
                event: { type: 'lane-finished' as const, lane: `l${i}`, result: { caption } as never },
              },
            ],
      ),
    },
  ],
});

describe('the history of this browser', () => {
  it('shows captions of a run, also of one that was cut off', () => {
    const entry = fromBrowser(local('a', 5, ['a dog runs', undefined]));
    expect(entry).toMatchObject({
      address: { where: 'browser', id: 'a' },
      fallback: 'Café.jpg',
      status: 'interrupted',
      facts: ['wasm'],
      deleted: false,
    });
    expect(entry.lanes.map(({ caption, status }) => caption ?? status)).toEqual(['a dog runs', 'interrupted']);
  });

  it('says of a lane that cannot read the input that it is not for it, and of one that was stopped that it was', () => {
    const [unfit, stopped] = ['needs-image', 'cancelled'].map((code) => {
      const comparison = local('a', 5, [undefined]);
      comparison.runs[0]!.items.push({
        kind: 'event',
        at: 0,
        event: { type: 'lane-failed', lane: 'l0', error: { code: code as 'cancelled', message: 'x' } },
      });
      return fromBrowser(comparison).lanes[0]!.status;
    });
    expect([unfit, stopped]).toEqual(['unfit', 'cancelled']);
  });

  it('is found by what the person says of it, whichever half has it', () => {
    const said = (text: string) => [{ id: 'x', text, own: true, at: '', by: 'me' }];
    const mine = fromBrowser({ ...local('a', 5, ['a dog']), said: said('my Rex') });
    expect([mine.said, matches(mine, 'rex'), matches(mine, 'cat')]).toEqual([['my Rex'], true, false]);
  });

  it('is found as the server finds: beginnings of words, all of them, without accents', () => {
    const entry = fromBrowser(local('a', 5, ['a brown dog runs']));
    expect(['BRO dog', 'cafe', 'café ru', '', '…'].map((search) => matches(entry, search))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(['cat', 'rown', 'dog cat'].map((search) => matches(entry, search))).toEqual([false, false, false]);
  });

  it('joins the server’s pages by time and puts nothing above what is read', () => {
    const at = (time: number, where: Entry['address']['where']): Entry => ({
      ...fromBrowser(local(`${where}${time}`, time, [])),
      address: { where, id: `${where}${time}` },
    });
    const server = [at(9, 'server'), at(5, 'server')];
    const browser = [at(7, 'browser'), at(3, 'browser')];
    expect(merge(server, browser, true).map(({ createdAt }) => createdAt.getTime())).toEqual([9, 7, 5]);
    expect(merge(server, browser, false).map(({ createdAt }) => createdAt.getTime())).toEqual([9, 7, 5, 3]);
  });

  describe('of a comparison whose lanes ran in both', () => {
    const half = (id: string, caption: string): Entry => ({
      id,
      address: { where: 'server', id },
      createdAt: new Date(5),
      title: '',
      note: '',
      fallback: 'Photo',
      status: 'finished',
      lanes: [{ id: 'there', decoder: 'coca', caption, status: 'finished' }],
      said: [],
      facts: ['cpu'],
      shares: 1,
      deleted: false,
      parts: { server: [id] },
    });
    const whole: LocalComparison = {
      ...local('mine', 6, ['a cat sits']),
      runs: [
        {
          ...local('mine', 6, ['a cat sits']).runs[0]!,
          items: [...local('mine', 6, ['a cat sits']).runs[0]!.items, { kind: 'ended', status: 'finished' }],
        },
      ],
      serverId: 's1',
      savedId: 's2',
      order: ['there', 'l0'],
    };

    it('is one entry, with the lanes of both as they stood, and changed in all its parts', () => {
      const merged = merge(
        [half('s2', 'saved copy'), half('s1', 'a red ball'), half('other', 'else')],
        [fromBrowser(whole)],
        false,
      );
      expect(merged.map(({ id }) => id)).toEqual(['mine', 'other']);
      expect(merged[0]).toMatchObject({
        address: { where: 'browser', id: 'mine' },
        shares: 2,
        status: 'finished',
        parts: { browser: 'mine', server: ['s1', 's2'] },
        half: 's1',
        savedId: 's2',
      });
      expect(merged[0]!.lanes.map(({ id }) => id)).toEqual(['there', 'l0']);
    });

    it('is found by words of either half', () => {
      // The server has found its half already; the words of the browser's are not its concern.
      expect(merge([half('s1', 'a red ball')], [fromBrowser(whole)], false, 'ball').map(({ id }) => id)).toEqual([
        'mine',
      ]);
      expect(merge([], [fromBrowser(whole)], false, 'cat').map(({ id }) => id)).toEqual(['mine']);
      expect(merge([], [fromBrowser(whole)], false, 'zebra')).toEqual([]);
    });
  });

  describe('with ratings', () => {
    const rating = { stars: 4, blind: true };
    // Its second lane has no caption that could be rated.
    const rated: LocalComparison = {
      ...local('mine', 6, ['a cat sits', undefined]),
      ratings: { l0: rating, l1: rating },
    };

    it('shows those of captions, and sends them where it is saved', () => {
      expect(fromBrowser(rated).lanes.map((lane) => lane.rating)).toEqual([rating, undefined]);
      expect([isRated(fromBrowser(rated)), isRated(fromBrowser({ ...rated, ratings: {} }))]).toEqual([true, false]);
      expect(savedForm(rated, { picture: false, embedding: false }).ratings).toEqual({ l0: rating });
      expect(savedForm({ ...rated, ratings: {} }, { picture: false, embedding: false })).not.toHaveProperty('ratings');
    });

    it('are found as rated with one rated lane among several, in whichever half it is', () => {
      const plain = { ...rated, id: 'plain', ratings: {} };
      // Of each, the half on the server is not loaded: there a lane is rated, or none is.
      const [mixed, empty] = ['mixed', 'empty'].map((id) => fromBrowser({ ...plain, id, serverId: `half of ${id}` }));
      const all = [fromBrowser(rated), fromBrowser(plain), mixed!, empty!];
      const known = new Set(
        joinRated(
          [{ id: 'half of mixed', lanes: [{ lane: 'there', decoder: 'coca', stars: 2, blind: false }] }],
          [rated, { ...plain, id: 'mixed', serverId: 'half of mixed' }],
        ).map(({ id }) => id),
      );
      expect(byRating(all, true, known).map(({ id }) => id)).toEqual(['mine', 'mixed']);
      expect(byRating(all, false, known).map(({ id }) => id)).toEqual(['plain', 'empty']);
    });

    it('counts each once: a saved copy is no other comparison, and the half on the server is part of it', () => {
      const there = (id: string, lane: string, stars: number) => ({
        id,
        lanes: [{ lane, decoder: 'coca', stars, blind: false }],
      });
      const own = { lane: 'l0', decoder: 'clipcap', ...rating };
      const server = [there('half', 'coca', 2), there('copy', 'l0', 4), there('other', 'coca', 5)];
      expect(joinRated(server, [{ ...rated, serverId: 'half', savedId: 'copy' }])).toEqual([
        there('other', 'coca', 5),
        { id: 'mine', lanes: [own, ...there('half', 'coca', 2).lanes] },
      ]);
      // A lane that ran in both is the one that ran here.
      expect(joinRated([there('half', 'l0', 1)], [{ ...rated, serverId: 'half' }])).toEqual([
        { id: 'mine', lanes: [own] },
      ]);
      expect(joinRated(server.slice(2), [{ ...rated, deletedAt: 9 }])).toEqual([there('other', 'coca', 5)]);
    });

    it('tells a branch of this browser, which is in no sum of its decoder', () => {
      const [run] = rated.runs;
      const lanes = run!.lanes.map((lane) => ({ ...lane, options: { prefixTokens: [7] } }));
      const branched = { ...rated, runs: [{ ...run!, lanes }] };
      const [joined] = joinRated([], [branched]);
      expect(joined!.lanes).toMatchObject([{ lane: 'l0', branch: true }]);
      expect(ratingTable([joined!])).toMatchObject({ ratings: 0, decoders: [], branches: 1 });
      expect(fromBrowser(branched).lanes[0]).toMatchObject({ branch: true });
    });
  });

  it('counts a lane that ran again once, with what it said last', () => {
    const twice = local('a', 5, ['first try']);
    twice.runs.push(local('a', 5, ['second try']).runs[0]!);
    expect(fromBrowser(twice).lanes.map(({ caption }) => caption)).toEqual(['second try']);
  });
});
