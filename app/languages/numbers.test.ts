import { describe, expect, it } from 'vitest';
import { numbersIn } from './numbers';

describe('numbers of a language', () => {
  it('have a true minus, and none where they round to zero', () => {
    const { decimals } = numbersIn('en');
    expect([-0.5, -0, -0.0004, 0.0004, undefined].map((x) => decimals(x, 3))).toEqual([
      '−0.500',
      '0.000',
      '0.000',
      '0.000',
      '–',
    ]);
    expect(numbersIn('de').decimals(-0.5, 1)).toBe('−0,5');
  });
});
