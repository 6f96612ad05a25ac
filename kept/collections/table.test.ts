import { describe, expect, it } from 'vitest';
import { disagreementOf, meanOf, meansOf, pageOf, sortedRows, type TableRow } from './table';

const row = (place: number, key: string, ...captions: (string | undefined)[]): TableRow => ({
  place,
  key,
  cells: captions.map((caption, n) =>
    caption === undefined
      ? { lane: `l${n}`, error: { code: 'device-failed', message: 'broke' } }
      : {
          lane: `l${n}`,
          caption,
          similarity: (place * 7 + n * 3) % 5,
          tokens: caption.length,
          certainty: place % 2 ? 'likely' : 'unsure',
        },
  ),
  disagreement: disagreementOf(captions.filter((caption) => caption !== undefined)),
});
const rows = [
  row(0, 'b.png', 'a dog runs', 'a dog runs'),
  row(1, 'a.png', 'a red bus', 'two birds on wires'),
  { place: 2, key: 'broken.png', cells: [], error: { code: 'image-unreadable', message: 'no picture' } } as TableRow,
  row(3, 'Ä.png', 'a dog sleeps', undefined),
];
const keys = (query: Parameters<typeof sortedRows>[1]) => sortedRows(rows, query).map(({ key }) => key);

describe('disagreement', () => {
  it('is none for the same words however written, and whole for no word in common', () => {
    expect(disagreementOf(['A dog, runs.', 'a dog runs'])).toBe(0);
    expect(disagreementOf(['a dog', 'two birds'])).toBe(1);
    expect(disagreementOf(['alone'])).toBeUndefined();
    expect(disagreementOf([])).toBeUndefined();
  });

  it('is the mean over the pairs', () => {
    // 2 of 4 words, none of 5, none of 5.
    expect(disagreementOf(['a dog runs', 'a dog sleeps', 'x y'])).toBeCloseTo(1 - 0.5 / 3);
  });

  it('counts two empty captions as alike', () => expect(disagreementOf(['', ''])).toBe(0));
});

describe('rows of a table', () => {
  it('stand as they lie, or by a column, those without a value at the end both ways', () => {
    expect(keys({})).toEqual(['b.png', 'a.png', 'broken.png', 'Ä.png']);
    expect(keys({ sort: { by: 'key' } })).toEqual(['a.png', 'b.png', 'broken.png', 'Ä.png']);
    expect(keys({ sort: { by: 'disagreement', down: true } })).toEqual(['a.png', 'b.png', 'broken.png', 'Ä.png']);
    expect(keys({ sort: { by: 'disagreement' } })).toEqual(['b.png', 'a.png', 'broken.png', 'Ä.png']);
    expect(keys({ sort: { by: 'caption', lane: 'l1' } })).toEqual(['b.png', 'a.png', 'broken.png', 'Ä.png']);
    expect(keys({ sort: { by: 'similarity', lane: 'l0', down: true } })).toEqual([
      'a.png',
      'Ä.png',
      'b.png',
      'broken.png',
    ]);
  });

  it('fit by text of a caption or name, by trust, by disagreement', () => {
    expect(keys({ text: ' DOG ' })).toEqual(['b.png', 'Ä.png']);
    expect(keys({ text: 'broken' })).toEqual(['broken.png']);
    expect(keys({ trust: 'likely' })).toEqual(['a.png', 'Ä.png']);
    expect(keys({ trust: 'unsure' })).toEqual(['b.png']);
    expect(keys({ trust: 'failed' })).toEqual(['broken.png', 'Ä.png']);
    expect(keys({ disagreement: 0.5 })).toEqual(['a.png']);
    expect(keys({ text: 'dog', trust: 'failed' })).toEqual(['Ä.png']);
  });

  it('come in pages, with how many fit and how many there are', () => {
    expect(pageOf(sortedRows(rows, { text: '.png' }), rows.length, { from: 1, count: 2 })).toEqual({
      rows: [rows[1], rows[2]],
      fit: 4,
      all: 4,
    });
    expect(pageOf([], 4, { from: 9 })).toEqual({ rows: [], fit: 0, all: 4 });
  });
});

describe('means', () => {
  it('are of what has a value, with the 95 % interval; an optimised cosine is none', () => {
    const row = (place: number, similarity: number, optimised = false) => ({
      place,
      key: String(place),
      cells: [{ lane: 'a', caption: 'x', similarity, ...(optimised ? { optimised } : {}) }, { lane: 'b' }],
    });
    const { rows, lanes } = meansOf([row(0, 0.2), row(1, 0.4), row(2, 0.9, true)]);
    expect(rows).toBe(3);
    expect(lanes.a!.similarity).toMatchObject({ n: 2, mean: expect.closeTo(0.3, 9), half: expect.closeTo(0.196, 9) });
    expect(lanes.b).toEqual({});
    expect(meanOf([])).toBeUndefined();
    expect(meanOf([1])).toEqual({ mean: 1, half: 0, n: 1 });
  });
});
