import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bleuCounts } from './bleu';
import { type Difference, pairedBootstrap } from './bootstrap';
import { chair, chairOf, mentionsIn, objectNamed } from './chair';
import { documentFrequencies } from './cider';
import { cocoObjects, noObjects } from './coco-objects';
import { manyDiversity, novelty, setDiversity } from './diversity';
import { symmetricEigenvalues } from './eigenvalues';

const golden = JSON.parse(readFileSync(new URL('goldens/scores.json', import.meta.url), 'utf8')) as {
  captions: Record<string, string[]>;
  systems: Record<'one' | 'two', string[]>;
  references: string[][];
  div1: number;
  div2: number;
  mBleu: number[];
  selfCider: number[];
  bootstrap: Omit<Difference, 'difference'>[];
};
const words = (text: string) => text.split(' ');
const near = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(1e-9);

describe('diversity', () => {
  const sets = Object.values(golden.captions).map((captions) => captions.map(words));
  const frequencies = documentFrequencies(sets.map((references) => ({ candidate: [], references })));

  it("equals Python's to 1e-9: Div-1, Div-2, mBLEU-1..4, Self-CIDEr", () => {
    const found = manyDiversity(sets, frequencies)!;
    expect(found.images).toBe(3);
    near(found.div1, golden.div1);
    near(found.div2, golden.div2);
    golden.mBleu.forEach((value, n) => near(found[`mBleu${n + 1}` as 'mBleu1'], value));
    // The third says the same four times: NumPy's root of a rounded 0 is 1e-8.
    golden.selfCider.forEach((value, i) =>
      near(manyDiversity([sets[i]!], frequencies)!.selfCider, i === 2 ? 0 : value),
    );
  });

  it('is 0 where all say the same, and unknown where images have one caption', () => {
    const same = [words('a red car'), words('a red car'), words('a red car')];
    near(manyDiversity([same, ...sets], frequencies)!.images, 4);
    expect(manyDiversity([same], { images: 9, counts: new Map() })!.selfCider).toBeCloseTo(0, 9);
    expect(manyDiversity([[words('a')], []], frequencies)).toBeUndefined();
  });

  it('counts words, pairs and what is new', () => {
    const captions = ['a dog runs', 'a dog sits', ''].map((text) => words(text).filter(Boolean));
    expect(setDiversity(captions)).toEqual({ vocabulary: 4, distinct1: 4 / 6, distinct2: 3 / 4, length: 2 });
    expect(novelty(captions, new Set(['a dog runs', 'a cow']))).toBeCloseTo(2 / 3, 12);
    expect(setDiversity([])).toEqual({ vocabulary: 0, distinct1: 0, distinct2: 0, length: 0 });
  });

  it('finds the eigenvalues of a symmetric matrix', () => {
    const found = symmetricEigenvalues([
      [2, 1, 0],
      [1, 2, 0],
      [0, 0, -5],
    ]).sort((a, b) => a - b);
    [-5, 1, 3].forEach((value, i) => near(found[i]!, value));
  });
});

describe('paired bootstrap', () => {
  const figures = (system: 'one' | 'two') => ({
    bleu: golden.systems[system].map((text, i) =>
      bleuCounts({ candidate: words(text), references: golden.references[i]!.map(words) }),
    ),
    means: { length: golden.systems[system].map((text) => words(text).length) },
  });

  it("has Python's intervals of the same draws, to 1e-9", () => {
    const found = pairedBootstrap(figures('one'), figures('two'), { draws: 200, seed: 7 });
    expect(found.map(({ metric }) => metric)).toEqual(golden.bootstrap.map(({ metric }) => metric));
    golden.bootstrap.forEach(({ low, high, p }, i) => {
      near(found[i]!.low, low);
      near(found[i]!.high, high);
      near(found[i]!.p, p);
    });
    expect(found[2]!.difference).toBeCloseTo((22 - 20) / 5, 9);
  });

  it('sees no difference of a system from itself', () => {
    for (const one of pairedBootstrap(figures('one'), figures('one')))
      expect(one).toMatchObject({ difference: 0, low: 0, high: 0, p: 1 });
  });
});

describe('CHAIR', () => {
  it('finds objects by the longest of their words, one mention each', () => {
    const objects = (text: string) => mentionsIn(words(text)).map(({ object }) => object);
    expect(objects('two men eat a hot dog on a park bench')).toEqual(['person', 'hot dog', 'bench']);
    expect(objects('a puppy and three sheep near a double decker bus')).toEqual(['dog', 'sheep', 'bus']);
    expect(objects('a train station with a stop sign')).toEqual(['stop sign']);
    expect(objects('a woman sits on a couch with teddy bears and wine glasses')).toEqual([
      ...['person', 'couch', 'teddy bear', 'wine glass'],
    ]);
    expect(objects('a baseball player swings a bat')).toEqual(['baseball bat']);
    expect(objects('a yellow sky over hills')).toEqual([]);
    expect(objects('knives , benches , skis and buses')).toEqual(['knife', 'bench', 'skis', 'bus']);
  });

  it('counts mentions and captions of what is not there', () => {
    const there = [new Set(['dog', 'person']), new Set(['car']), new Set<string>()];
    const captions = ['a man with a dog and a frisbee', 'a car', 'a cat on a bed'];
    const images = captions.map((text, i) => ({ ...chairOf(words(text), there[i]!), there: there[i]! }));
    expect(images.map(({ hallucinated }) => hallucinated)).toEqual([['frisbee'], [], ['cat', 'bed']]);
    expect(chair(images)).toEqual({ chairI: 3 / 6, chairS: 2 / 3, recall: 1, mentions: 6 });
    expect(chair([])).toEqual({ chairI: 0, chairS: 0, recall: 0, mentions: 0 });
  });

  it('has a table of 80 objects in which no word is of two', () => {
    expect(Object.keys(cocoObjects)).toHaveLength(80);
    const all = Object.entries(cocoObjects).flatMap(([object, list]) => [object, ...list]);
    expect(all.filter((word, i) => all.indexOf(word) !== i)).toEqual([]);
    expect([...all, ...noObjects].filter((word) => word !== word.toLowerCase() || /\s{2}|[^a-z -]/.test(word))).toEqual(
      [],
    );
    expect(['Dining_Table', 'TVs', 'unicorn'].map(objectNamed)).toEqual(['dining table', 'tv', undefined]);
  });
});
