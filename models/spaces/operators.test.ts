import { describe, expect, it } from 'vitest';
import { seeded } from '../random';
import { cosine, type Embedding, norm, unit } from './embedding';
import { combine, noise, offset, projectOntoMemory } from './operators';

const embedding = (...values: number[]): Embedding => ({
  space: 'test',
  modality: 'image',
  state: 'raw',
  values: Float32Array.from(values),
});

describe('embeddings', () => {
  it('become unit, and refuse to when they point nowhere', () => {
    expect([...unit(embedding(3, 4)).values]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
    expect(() => unit(embedding(0, 0))).toThrow(/norm 0/);
    expect(() => unit(embedding(NaN, 1))).toThrow(/norm NaN/);
  });
  it('have a cosine in one space only', () => {
    expect(cosine(embedding(1, 1), embedding(2, 2))).toBeCloseTo(1, 6);
    expect(() => cosine(embedding(1, 0), { ...embedding(1, 0), space: 'other' })).toThrow(/one space only/);
    expect(() => cosine(embedding(1, 0), embedding(1, 0, 0))).toThrow(/one space only/);
  });
});

describe('operators', () => {
  it('offset moves by a vector and refuses one of another size', () => {
    expect([...offset(embedding(1, 2), Float32Array.of(1, 1), -1).values]).toEqual([0, 1]);
    expect(() => offset(embedding(1, 2), Float32Array.of(1))).toThrow(/1 values/);
  });

  it('combine adds and subtracts directions, whatever the lengths, in one space only', () => {
    const text = { ...embedding(0, 5), modality: 'text' as const };
    const sum = combine([
      { embedding: embedding(10, 0), weight: 1 },
      { embedding: text, weight: -1 },
    ]);
    expect(sum).toMatchObject({ modality: 'mixed', state: 'unit' });
    expect([...sum.values].map((v) => v.toFixed(4))).toEqual(['0.7071', '-0.7071']);
    expect(combine([{ embedding: text, weight: 3 }])).toMatchObject({
      modality: 'text',
      values: Float32Array.of(0, 1),
    });
    expect(() =>
      combine([
        { embedding: text, weight: 1 },
        { embedding: { ...text, space: 'other' }, weight: 1 },
      ]),
    ).toThrow(/one space/);
    expect(() =>
      combine([
        { embedding: text, weight: 1 },
        { embedding: text, weight: -1 },
      ]),
    ).toThrow(/norm 0/);
    expect(() => combine([])).toThrow(/no embeddings/);
  });

  it('noise has the asked-for variance, is unit again and repeatable', () => {
    const dim = 512;
    const start = unit(embedding(...Array.from({ length: dim }, (_, i) => Math.sin(i))));
    const noisy = noise(start, 0.016, seeded(3));
    expect(norm(noisy.values)).toBeCloseTo(1, 5);
    expect(noise(start, 0.016, seeded(3)).values).toEqual(noisy.values);
    // cos = 1/sqrt(1 + dim · variance) for large dim: about 0.33 in 512 dimensions.
    const mean =
      Array.from({ length: 50 }, (_, seed) => cosine(start, noise(start, 0.016, seeded(seed)))).reduce(
        (a, b) => a + b,
      ) / 50;
    expect(mean).toBeCloseTo(1 / Math.sqrt(1 + dim * 0.016), 2);
  });

  it('projection is the softmax-weighted mean of the memory, unit again', () => {
    const memory = Float32Array.of(1, 0, 0, 1);
    const { embedding: projected, top, moved } = projectOntoMemory(embedding(2, 1), memory, 0.5);
    const [a, b] = [2 / Math.sqrt(5), 1 / Math.sqrt(5)];
    const w = Math.exp(a / 0.5) / (Math.exp(a / 0.5) + Math.exp(b / 0.5));
    const length = Math.hypot(w, 1 - w);
    expect(projected.values[0]).toBeCloseTo(w / length, 6);
    expect(projected.values[1]).toBeCloseTo((1 - w) / length, 6);
    expect(top[0]).toMatchObject({ row: 0, weight: expect.closeTo(w, 6) });
    expect(moved).toBeCloseTo((w * a + (1 - w) * b) / length, 6);
    expect(projected).toMatchObject({ modality: 'text', state: 'unit' });
  });

  it('a row that weighs as often as it is repeated projects as the list with its repeats does', () => {
    const rows = [
      [1, 0],
      [0, 1],
      [0.6, 0.8],
    ];
    const list = [0, 1, 1, 1, 2, 0, 1].map((i) => rows[i]!);
    const whole = projectOntoMemory(embedding(2, 1), Float32Array.from(list.flat()), 0.1);
    const once = Float32Array.from(rows.flat());
    const weighed = projectOntoMemory(embedding(2, 1), once, 0.1, 3, { repeats: Float32Array.of(2, 4, 1) });
    weighed.embedding.values.forEach((v, i) => expect(v).toBeCloseTo(whole.embedding.values[i]!, 7));
    expect(weighed.moved).toBeCloseTo(whole.moved, 7);
    expect(weighed.top.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 7);
    expect(projectOntoMemory(embedding(2, 1), once, 0.1).moved).not.toBeCloseTo(whole.moved, 3);
  });

  it('a small temperature gives the nearest row, and fewer rows can be asked for', () => {
    const memory = Float32Array.of(0.6, 0.8, 1, 0, 0, 1);
    expect(projectOntoMemory(embedding(1, 0.1), memory, 0.001).embedding.values[0]).toBeCloseTo(1, 5);
    expect(projectOntoMemory(embedding(1, 0.1), memory, 0.001, 1).embedding.values[0]).toBeCloseTo(0.6, 5);
    expect(() => projectOntoMemory(embedding(1, 0.1), memory, 0.1, 4)).toThrow(/3 rows/);
  });
});
