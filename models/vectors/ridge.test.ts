import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomNormal, seeded } from '../random';
import { fitMap, type Pair } from './fit-map';
import { readMap, writeMap } from './map-file';
import { mapped, PairSums, ridge } from './ridge';

describe('ridge', () => {
  const figures = JSON.parse(readFileSync(new URL('goldens/ridge.json', import.meta.url), 'utf8')) as {
    lambda: number;
    weight: number[];
    bias: number[];
  }[];
  const x = (i: number) => Array.from({ length: 7 }, (_, j) => Math.sin(1 + 7 * i + 3 * j + ((i * j) % 11)));
  const y = (i: number) => Array.from({ length: 5 }, (_, j) => Math.cos(2 + 5 * i + j * j + ((i * j) % 7)) + x(i)[j]!);

  it.each(figures)("equals NumPy's to 1e-9, lambda $lambda", ({ lambda, weight, bias }) => {
    const [one, other] = [new PairSums(7, 5), new PairSums(7, 5)];
    for (let i = 0; i < 60; i++) (i % 3 ? one : other).add(x(i), y(i));
    const map = ridge(one.plus(other), lambda);
    weight.forEach((value, i) => expect(Math.abs(map.weight[i]! - value)).toBeLessThan(1e-9));
    bias.forEach((value, i) => expect(Math.abs(map.bias[i]! - value)).toBeLessThan(1e-9));
    const there = mapped(map, x(3));
    const expected = bias.map((value, j) => value + x(3).reduce((sum, v, i) => sum + v * weight[i * 5 + j]!, 0));
    expected.forEach((value, j) => expect(there[j]).toBeCloseTo(value, 9));
  });
});

describe('fitMap', () => {
  const random = seeded(11);
  const draw = (n: number) => Float32Array.from({ length: n }, () => randomNormal(random));
  const turn = Array.from({ length: 6 }, () => draw(10));
  /** Vectors whose partners are a linear map of them with noise. */
  const pairsOf = (count: number, noise: number, related = true): Pair[] =>
    Array.from({ length: count }, () => {
      const from = draw(10);
      const to = related
        ? Float32Array.from(turn, (row) => row.reduce((sum, v, i) => sum + v * from[i]!, noise * randomNormal(random)))
        : draw(6);
      return { from, to };
    });

  it('finds a map that carries to pairs which it has not seen, and tells how far', () => {
    const fitted = fitMap(pairsOf(400, 0.1));
    expect(fitted).toMatchObject({ pairs: 400, heldOut: 40, notes: [] });
    expect(fitted.heldOutCosine).toBeGreaterThan(0.99);
    expect(fitted.heldOutRecall1).toBeGreaterThan(0.9);
    const fresh = pairsOf(1, 0)[0]!;
    const there = Float32Array.from(
      mapped(
        fitted.map,
        fresh.from.map((v) => v / Math.hypot(...fresh.from)),
      ),
    );
    const cosine =
      there.reduce((sum, v, i) => sum + v * fresh.to[i]!, 0) / Math.hypot(...there) / Math.hypot(...fresh.to);
    expect(cosine).toBeGreaterThan(0.99);
    const stored = readMap('m', writeMap(fitted, 'pocket'));
    expect(stored.space).toBe('pocket');
    stored.map.weight.forEach((v, i) => expect(v).toBeCloseTo(fitted.map.weight[i]!, 5));
  });

  it('refuses too few pairs, tells of few, and of pairs that do not belong together', () => {
    expect(() => fitMap(pairsOf(19, 0))).toThrow(/There are 19 pairs; a map is fitted on 20 at least/);
    expect(fitMap(pairsOf(20, 0.1)).notes.join()).toMatch(/20 pairs are few for vectors of 10 values/);
    const unrelated = fitMap(pairsOf(500, 0, false));
    expect(unrelated.notes.join()).toMatch(/hardly does better .* than always answering the mean/);
    expect(Math.abs(unrelated.heldOutCosine)).toBeLessThan(0.2);
    const same = Array.from({ length: 30 }, () => ({ from: Float32Array.of(1, 2), to: Float32Array.of(3, 4) }));
    expect(() => fitMap(same)).toThrow(/All vectors of the pairs are the same/);
  });
});
