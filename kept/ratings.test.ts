import { describe, expect, it } from 'vitest';
import { bestRated, isBranch, ratingsOf, ratingTable, ratingText, type RatedComparison } from './ratings';

const one = (
  id: string,
  ...lanes: [lane: string, decoder: string, stars: number, blind?: boolean][]
): RatedComparison => ({
  id,
  lanes: lanes.map(([lane, decoder, stars, blind = false]) => ({ lane, decoder, stars, blind })),
});

describe('ratings summed up', () => {
  const kept = [
    one('x', ['clipcap', 'clipcap', 4], ['decap', 'decap', 2, true]),
    one('y', ['clipcap', 'clipcap', 5, true], ['decap', 'decap', 3, true], ['decap-2', 'decap', 5, true]),
    one('z', ['coca', 'coca', 1]),
  ];

  it('are means with their counts, the best first', () => {
    const { comparisons, ratings, decoders } = ratingTable(kept);
    expect([comparisons, ratings]).toEqual([3, 6]);
    expect(decoders.map(({ decoder, n, blind, mean }) => [decoder, n, blind, mean])).toEqual([
      ['clipcap', 2, 1, 4.5],
      ['decap', 3, 3, 10 / 3],
      ['coca', 1, 0, 1],
    ]);
    expect(decoders[0]!.sd).toBeCloseTo(Math.SQRT1_2, 12);
    expect(decoders[1]!.sd).toBeCloseTo(Math.sqrt(7 / 3), 12);
    expect(decoders[2]!.sd).toBeNull();
  });

  it('pair captions of the same input alone, each of two lanes of a decoder, and never two of one decoder', () => {
    expect(ratingTable(kept).pairs).toEqual([
      { a: 'clipcap', b: 'decap', n: 3, wins: 2, ties: 1, losses: 0, rate: 5 / 6 },
    ]);
  });

  it('count what was rated blind alone, where that is asked for', () => {
    const { comparisons, ratings, decoders, pairs } = ratingTable(kept, { blindOnly: true });
    expect([comparisons, ratings]).toEqual([2, 4]);
    expect(decoders.map(({ decoder, n }) => [decoder, n])).toEqual([
      ['clipcap', 1],
      ['decap', 3],
    ]);
    expect(pairs).toEqual([{ a: 'clipcap', b: 'decap', n: 2, wins: 1, ties: 1, losses: 0, rate: 0.75 }]);
  });

  it('are nothing where nothing is rated', () => {
    expect(ratingTable([])).toEqual({ comparisons: 0, ratings: 0, decoders: [], pairs: [], branches: 0 });
  });

  it('leave a branch out of its decoder’s mean and pairs, and say how many there were', () => {
    const branch = { lane: 'decap-3', decoder: 'decap', stars: 1, blind: true, branch: true };
    const [first, ...others] = kept;
    const more = [{ ...first!, lanes: [...first!.lanes, branch] }, ...others, { id: 'branch alone', lanes: [branch] }];
    expect(ratingTable(more)).toEqual({ ...ratingTable(kept), branches: 2 });
    expect(ratingTable(more, { blindOnly: true })).toEqual({ ...ratingTable(kept, { blindOnly: true }), branches: 2 });
    expect([{ prefixTokens: [7] }, { prefixTokens: [] }, { beam: 1 }, undefined].map(isBranch)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('ratings of one comparison', () => {
  it('name a best only where one alone leads others', () => {
    const ratings = ratingsOf([
      { id: 'a', rating: { stars: 4, blind: false } },
      { id: 'b' },
      { id: 'c', rating: { stars: 2, blind: true } },
    ]);
    expect(ratings).toEqual({ a: { stars: 4, blind: false }, c: { stars: 2, blind: true } });
    expect(bestRated(ratings)).toBe('a');
    expect(bestRated({ ...ratings, b: { stars: 4, blind: true } })).toBeUndefined();
    expect(bestRated({ a: { stars: 5, blind: false } })).toBeUndefined();
  });
  it('are told in words', () => {
    expect(ratingText({ stars: 4, blind: true })).toBe('4 of 5, small flaw, given blind');
    expect(ratingText({ stars: 1, blind: false })).toBe('1 of 5, wrong');
  });
});
