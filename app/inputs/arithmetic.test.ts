import { describe, expect, it } from 'vitest';
import { sumOf, type Term } from './arithmetic';

const term = (name: string, weight: number, values: number[], modality: Term['modality'] = 'text'): Term => ({
  name,
  weight,
  values,
  modality,
});

describe('sums of embeddings', () => {
  it('add directions, whatever their norms, and give a direction', () => {
    const { values, name, modality } = sumOf([
      term('photo', 1, [10, 0, 0], 'image'),
      term('“a dog”', -1, [0, 3, 0]),
      term('“a cat”', 1, [0, 0, 0.5]),
    ]);
    expect(values.map((value) => Number(value.toFixed(4)))).toEqual([0.5774, -0.5774, 0.5774]);
    expect(name).toBe('photo − “a dog” + “a cat”');
    expect(modality).toBe('image');
  });
  it('weigh their terms: only the ratios count, whatever the norms, and the name tells the weights', () => {
    const rounded = (terms: Term[]) => sumOf(terms).values.map((value) => Number(value.toFixed(4)));
    const [dog, cat] = [
      [8, 0],
      [0, 0.1],
    ];
    expect(rounded([term('a', 1, dog!), term('b', 0.5, cat!)])).toEqual([0.8944, 0.4472]);
    expect(rounded([term('a', 4, dog!), term('b', 2, cat!)])).toEqual([0.8944, 0.4472]);
    expect(rounded([term('a', 0.5, dog!), term('b', -0.5, cat!)])).toEqual([0.7071, -0.7071]);
    expect(sumOf([term('photo', 1, dog!), term('“a dog”', -1, cat!), term('“a cat”', 0.5, dog!)]).name).toBe(
      'photo − “a dog” + 0.5 × “a cat”',
    );
  });
  it('are texts where no photo is added, and refused where nothing is left or spaces differ', () => {
    expect(sumOf([term('a', 1, [1, 0]), term('b', -1, [0, 1], 'image')]).modality).toBe('text');
    expect(() => sumOf([term('a', 1, [2, 0]), term('a', -1, [1, 0])])).toThrow(/cancel out/);
    expect(() => sumOf([term('a', 1, [2, 0]), term('b', 1, [1, 0, 0])])).toThrow(/different spaces/);
  });
});
