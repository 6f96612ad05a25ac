import { describe, expect, it } from 'vitest';
import { fromHalf, toHalves } from '../float16';
import { seeded } from '../random';
import { recallOf } from './recall';
import { nearestOf, RowShare } from './row-share';

const random = seeded(5);
const draw = (count: number) => Float32Array.from({ length: count }, () => random() * 2 - 1);

/** Cosines in double precision, nearest first. */
function exactly(rows: readonly ArrayLike<number>[], query: Float32Array) {
  const norm = (v: ArrayLike<number>) => Math.sqrt(Array.from(v).reduce((sum, x) => sum + x * x, 0));
  return rows
    .map((values, row) => ({
      row,
      cosine: Array.from(values).reduce((sum, x, i) => sum + x * query[i]!, 0) / norm(values) / norm(query),
    }))
    .filter(({ cosine }) => Number.isFinite(cosine))
    .sort((a, b) => b.cosine - a.cosine || a.row - b.row);
}

/** A share of rows of half precision. */
function halfShare(rows: readonly Float32Array[], first = 0) {
  const dim = rows[0]!.length;
  const share = new RowShare(rows.length, dim, 'F16', first);
  const place = share.place(0, rows.length);
  rows.forEach((row, i) => place.set(new Uint8Array(toHalves(row).buffer), i * share.rowBytes));
  return share;
}

describe('RowShare', () => {
  it.each([8, 24, 512, 13])('finds in half and single precision what double precision finds, %i values', (dim) => {
    const rows = Array.from({ length: 257 }, (_, i) => draw(dim).map((v) => v * 10 ** ((i % 9) - 4)));
    const halves = rows.map((row) => Array.from(toHalves(row), fromHalf));
    const query = draw(dim);
    const single = new RowShare(rows.length, dim, 'F32');
    single.put(0, Float32Array.from(rows.flatMap((row) => [...row])));
    for (const [share, values] of [
      [halfShare(rows), halves],
      [single, rows],
    ] as const) {
      expect(share.seal()).toEqual({ lost: exactly(values, query).length < 257 ? expect.any(Number) : 0 });
      const found = share.search(query, 20);
      const right = exactly(values, query).slice(0, 20);
      found.forEach(({ cosine }, i) => expect(cosine).toBeCloseTo(right[i]!.cosine, 5));
      expect(found.slice(0, 5).map(({ row }) => row)).toEqual(right.slice(0, 5).map(({ row }) => row));
      // However long the query is.
      expect(
        share
          .search(
            query.map((v) => v * 1000),
            3,
          )
          .map(({ row }) => row),
      ).toEqual(found.slice(0, 3).map(({ row }) => row));
    }
  });

  it('reads every half there is, subnormal ones too', () => {
    const halves = Array.from({ length: 0x7c00 }, (_, bits) => [bits, bits | 0x8000]).flat();
    const share = new RowShare(halves.length, 8, 'F16');
    const place = share.place(0, halves.length);
    halves.forEach((bits, i) => place.set([bits & 255, bits >> 8, 0, 0x3c], i * 16));
    share.seal();
    const query = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0);
    const found = new Map(share.search(query, halves.length).map(({ row, cosine }) => [row, cosine]));
    halves.forEach((bits, i) => {
      const value = fromHalf(bits);
      expect(Math.abs(found.get(i)! - value / Math.hypot(value, 1))).toBeLessThan(2e-7);
    });
  });

  it('never finds what is no vector, and counts it', () => {
    const rows = [draw(16), draw(16).fill(0), draw(16), draw(16), draw(16)];
    rows[2]![15] = NaN;
    rows[4]![0] = -Infinity;
    const share = halfShare(rows, 100);
    expect(share.seal()).toEqual({ lost: 3 });
    expect(new Set(share.search(draw(16), 9).map(({ row }) => row))).toEqual(new Set([100, 103]));
  });

  it('is the same in parts, and of equals the first comes first', () => {
    const rows = Array.from({ length: 40 }, (_, i) => (i % 2 ? draw(8) : Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)));
    const query = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const whole = halfShare(rows);
    const parts = [halfShare(rows.slice(0, 13)), halfShare(rows.slice(13), 13)];
    for (const share of [whole, ...parts]) share.seal();
    const found = whole.search(query, 12);
    expect(
      nearestOf(
        parts.map((part) => part.search(query, 12)),
        12,
      ),
    ).toEqual(found);
    expect(found.map(({ row }) => row)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]);
  });
});

it('counts recall and the median rank', () => {
  expect(recallOf([1, 3, 7, Infinity])).toEqual({
    queries: 4,
    recall1: 0.25,
    recall5: 0.5,
    recall10: 0.75,
    medianRank: 5,
  });
});
