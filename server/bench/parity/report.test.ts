import { expect, it } from 'vitest';
import { describe as table, lost, rowOf } from './report';

const said = (tokens: number[], text: string) => ({ tokens, text });

it('counts captions whose tokens, and whose texts, are the same', () => {
  const theirs = [said([5, 6, 5], ' a b a'), said([7, 13], ' c.'), said([8, 9, 13], ' d e.')];
  const ours = [said([5, 6, 5], ' a b a'), said([7, 14], ' c.'), said([8, 9, 13], 'd e.')];
  const row = rowOf('capdec', theirs, ours, [1e-13, 2e-12, 0]);
  expect(row).toMatchObject({ n: 3, tokensEqual: 2, textEqual: 2, embedding: 2e-12 });
  // Random weights that say one token for ever, or the same of every photo, would prove nothing.
  expect(row).toMatchObject({ distinctTokens: 2, distinctCaptions: 3, ended: 3 });
  const text = table({ size: 'narrow', rows: [row], odd: { n: 40, embedding: 3e-12, worst: 'cmyk.jpg' } });
  expect(text).toMatch(/capdec +3 +2 +2 +2\.0e-12/);
  expect(text).toContain('40 pictures in other profiles and modes: largest 1 - cosine 3.0e-12 (cmyk.jpg)');
});

it('measures embeddings by their direction', () => {
  expect(lost([3, 4], [6, 8])).toBe(0);
  expect(lost([1, 0], [1, 1])).toBeCloseTo(1 - Math.SQRT1_2, 12);
});
