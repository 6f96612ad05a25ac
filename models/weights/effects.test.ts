import { describe, expect, it } from 'vitest';
import { verdictOf } from './effects';

describe('measured effects', () => {
  const effect = { decoder: 'decap', what: 'x', without: 0.3, with: 0.42, difference: 0.12, low: 0.08, high: 0.16 };
  it('are said to help only where the interval says so', () => {
    expect(verdictOf(effect)).toBe('helps much');
    expect(verdictOf({ ...effect, with: 0.32, difference: 0.02, low: 0.001 })).toBe('helps');
    expect(verdictOf({ ...effect, difference: -0.1, low: -0.2, high: -0.01 })).toBe('harms');
    expect(verdictOf({ ...effect, difference: 0.01, low: -0.01, high: 0.03 })).toBe('unknown');
  });
});
