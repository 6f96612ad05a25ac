import { describe, expect, it } from 'vitest';
import { effectText } from './effects';

describe('measured effects', () => {
  const effect = { decoder: 'decap', what: 'x', without: 0.3, with: 0.42, difference: 0.12, low: 0.08, high: 0.16 };
  it('are said to help only where the interval says so', () => {
    expect(effectText(effect)).toContain('it helps much');
    expect(effectText({ ...effect, with: 0.32, difference: 0.02, low: 0.001 })).toMatch(/it helps\.$/);
    expect(effectText({ ...effect, difference: -0.1, low: -0.2, high: -0.01 })).toContain('it harms');
    expect(effectText({ ...effect, difference: 0.01, low: -0.01, high: 0.03 })).toContain('told from chance');
  });
});
