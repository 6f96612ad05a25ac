import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classify, labelDirection, readLabels } from './zero-shot';

describe('zero-shot labels', () => {
  it("have NumPy's cosines and probabilities to 1e-6 of single precision", () => {
    const { cosines, shares } = JSON.parse(
      readFileSync(new URL('goldens/zero-shot.json', import.meta.url), 'utf8'),
    ) as { cosines: number[][]; shares: number[][] };
    const values = (of: (d: number) => number) => Float32Array.from({ length: 6 }, (_, d) => of(d));
    const labels = [0, 1, 2].map((l) =>
      labelDirection([0, 1].map((p) => values((d) => Math.sin(3 * l + 5 * p + 2 * d + l * d)))),
    );
    cosines.forEach((row, n) => {
      const guesses = classify(
        values((d) => Math.cos(4 * n + 3 * d + n * d)),
        labels,
        0.05,
      );
      expect(guesses.map(({ probability }) => probability)).toEqual(
        guesses.map(({ probability }) => probability).sort((a, b) => b - a),
      );
      for (const { index, cosine, probability } of guesses) {
        expect(Math.abs(cosine - row[index]!)).toBeLessThan(1e-6);
        expect(Math.abs(probability - shares[n]![index]!)).toBeLessThan(1e-5);
      }
    });
    expect(() => classify(new Float32Array(6), labels, 1)).toThrow(/zero or not finite/);
  });

  it('are read from lines and from JSON, said by templates or prompts of their own', () => {
    expect(readLabels('l.txt', 'dog\nred car\n', ['a {}.', 'many {}s, {}'])).toEqual([
      { label: 'dog', prompts: ['a dog.', 'many dogs, dog'] },
      { label: 'red car', prompts: ['a red car.', 'many red cars, red car'] },
    ]);
    expect(readLabels('l.json', '["dog","cat"]', ['a {}'])[1]).toEqual({ label: 'cat', prompts: ['a cat'] });
    expect(readLabels('l.json', '{"dog":["a dog","a puppy"],"cat":"a cat"}', ['x {}'])).toEqual([
      { label: 'dog', prompts: ['a dog', 'a puppy'] },
      { label: 'cat', prompts: ['a cat'] },
    ]);
  });

  it.each([
    ['', /l has no label; expected two/],
    ['dog\n', /l has one label/],
    ['dog\n\ncat\n', /l, line 2: the label is empty/],
    ['dog\ncat\n dog \n', /l, line 3: the label "dog" is there already \(line 1\)/],
    ['["dog","dog"]', /l, label 2: the label "dog" is there already \(label 1\)/],
    ['{"dog":[]}', /expected a list of labels/],
    ['{"dog":" ","cat":"x"}', /l, label 1: a prompt is empty/],
  ] as [string, RegExp][])('refuses %j in words', (text, message) => {
    expect(() => readLabels('l', text, ['a {}'])).toThrow(message);
  });
  it('refuses a template without a place for the label', () => {
    expect(() => readLabels('l', 'a\nb', ['a photo'])).toThrow(/has no \{\}/);
  });
});
