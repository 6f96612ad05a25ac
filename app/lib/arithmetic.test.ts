import { describe, expect, it } from 'vitest';
import { sumOf, type Term } from './arithmetic';

const term = (name: string, sign: 1 | -1, values: number[], modality: Term['modality'] = 'text'): Term => ({ name, sign, values, modality });

describe('sums of embeddings', () => {
  it('add directions, whatever their norms, and give a direction', () => {
    const { values, name, modality } = sumOf([term('photo', 1, [10, 0, 0], 'image'), term('“a dog”', -1, [0, 3, 0]), term('“a cat”', 1, [0, 0, 0.5])]);
    expect(values.map((value) => Number(value.toFixed(4)))).toEqual([0.5774, -0.5774, 0.5774]);
    expect(name).toBe('photo − “a dog” + “a cat”');
    expect(modality).toBe('image');
  });
  it('are texts where no photo is added, and refused where nothing is left or spaces differ', () => {
    expect(sumOf([term('a', 1, [1, 0]), term('b', -1, [0, 1], 'image')]).modality).toBe('text');
    expect(() => sumOf([term('a', 1, [2, 0]), term('a', -1, [1, 0])])).toThrow(/cancel out/);
    expect(() => sumOf([term('a', 1, [2, 0]), term('b', 1, [1, 0, 0])])).toThrow(/different spaces/);
  });
});
