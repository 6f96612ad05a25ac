import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bleu } from './bleu';
import { cider, ciderD } from './cider';
import { clipScore, refClipScore } from './clipscore';
import { seeded } from '../random';
import { ptbTokens } from './ptb-tokenizer';
import { rougeL } from './rouge-l';
import { score } from './score';

const data = new URL('../../../shared/data/metrics/', import.meta.url);
const read = <T>(name: string) => JSON.parse(readFileSync(new URL(name, data), 'utf8')) as T;
const words = (text: string) => text.split(' ');

describe('on captions of our own', () => {
  it('agrees with figures worked out by hand', () => {
    // Candidate "a b c d" against "a b c e f" and "a b": their lengths are 5 and 2, so the closest to 4 is 5.
    const [one, two, three, four] = bleu([
      { candidate: words('a b c d'), references: [words('a b c e f'), words('a b')] },
    ]);
    const brevity = Math.exp(1 - 5 / 4);
    expect(one).toBeCloseTo((3 / 4) * brevity, 8);
    expect(two).toBeCloseTo(Math.sqrt((3 / 4) * (2 / 3)) * brevity, 8);
    expect(three).toBeCloseTo(Math.cbrt((3 / 4) * (2 / 3) * (1 / 2)) * brevity, 8);
    expect(four).toBeGreaterThan(0);
    expect(four).toBeLessThan(1e-3);
    // Equally close lengths: the shorter counts, so nothing is taken off; and a word counts no more often than a
    // reference has it.
    expect(bleu([{ candidate: words('a a'), references: [words('a'), words('a b c')] }])[0]).toBeCloseTo(1 / 2, 8);
    // Common subsequence "a b": precision 2/3 and recall 2/2 come from one reference, a larger precision from none.
    expect(rougeL({ candidate: words('a x b'), references: [words('a b'), words('y')] })).toBeCloseTo(
      (2.44 * (2 / 3)) / (1 + 1.44 * (2 / 3)),
      12,
    );
    // Two images that share no word: each gram has the weight ln 2. Of "a b" against "a c": unigrams 1/2 (clipped
    // alike), bigrams 0.
    const items = [
      { candidate: words('a b'), references: [words('a c')] },
      { candidate: words('p q'), references: [words('p q')] },
    ];
    expect(ciderD(items)[0]).toBeCloseTo((10 / 4) * (1 / 2), 12);
    expect(ciderD(items)[1]).toBeCloseTo((10 / 4) * 2, 12);
  });

  // Expected figures: the COCO evaluation's own code on the same text.
  it('agrees with the COCO evaluation on two captions', () => {
    const items = [
      {
        caption: 'a man is speaking',
        references: ['a man speaks', 'someone speaks', 'a man is speaking while a bird is chirping in the background'],
      },
      { caption: 'rain falls', references: ['rain is falling hard on a surface'] },
    ];
    const scores = score(items, 'none');
    expect(scores.ciderD).toBeCloseTo(0.9613547162711401, 9);
    expect(scores.rougeL).toBeCloseTo(0.4870693269, 9);
    expect(scores.cider).toBeCloseTo(1.5248797855, 9);
    expect(scores.bleu1).toBeCloseTo(0.4278, 4);
    expect(scores).toMatchObject({ n: 2, distinct: 2 });
  });

  it('gives 10 for the only reference repeated, and 0 for one image alone', () => {
    const perfect = {
      candidate: words('a dog runs over green grass'),
      references: [words('a dog runs over green grass')],
    };
    const other = { candidate: words('two people sit on a bench'), references: [words('two people sit on a bench')] };
    expect(ciderD([perfect, other])[0]).toBeCloseTo(10, 9);
    expect(ciderD([perfect])).toEqual([0]);
    expect(rougeL(perfect)).toBeCloseTo(1, 12);
  });

  it('punishes repetition in CIDEr-D more than in CIDEr', () => {
    const filler = { candidate: words('two people sit'), references: [words('two people sit')] };
    const repeated = { candidate: words('dog dog dog dog dog'), references: [words('a dog runs')] };
    expect(ciderD([repeated, filler])[0]).toBeLessThan(cider([repeated, filler])[0]!);
  });

  it('holds its bounds and forgets the order of images, on captions at random', () => {
    const random = seeded(7);
    const vocabulary = words('a b c d e f g h');
    const phrase = () =>
      Array.from({ length: 1 + Math.floor(random() * 9) }, () => vocabulary[Math.floor(random() * 8)]!).join(' ');
    for (let round = 0; round < 50; round++) {
      const items = Array.from({ length: 6 }, () => ({
        caption: phrase(),
        references: [phrase(), phrase(), phrase()],
      }));
      const scores = score(items, 'none');
      for (const name of ['bleu1', 'bleu2', 'bleu3', 'bleu4', 'rougeL'] as const)
        expect(scores[name]).toSatisfy((value: number) => value >= 0 && value <= 1 + 1e-9);
      for (const name of ['cider', 'ciderD'] as const)
        expect(scores[name]).toSatisfy((value: number) => value >= 0 && value <= 10 + 1e-9);
      const turned = score([...items].reverse(), 'none');
      for (const [name, value] of Object.entries(scores))
        expect(turned[name as keyof typeof turned]).toBeCloseTo(value, 10);
    }
  });

  it('does not depend on the order of references', () => {
    const one = score([{ caption: 'a dog runs', references: ['a brown dog', 'the dog runs fast'] }], 'none');
    expect(score([{ caption: 'a dog runs', references: ['the dog runs fast', 'a brown dog'] }], 'none')).toEqual(one);
  });

  it('survives an empty caption', () => {
    const scores = score([
      { caption: '', references: ['a dog'] },
      { caption: 'a cat', references: ['a cat'] },
    ]);
    expect(Object.values(scores).every(Number.isFinite)).toBe(true);
  });
});

describe('CLIPScore', () => {
  it('is 2.5 times the positive cosine; with references the harmonic mean with the best of them', () => {
    expect(clipScore(0.3)).toBeCloseTo(0.75, 12);
    expect(clipScore(-0.1)).toBe(0);
    expect(refClipScore(0.3, [0.5, 0.75])).toBeCloseTo(0.75, 12);
    expect(refClipScore(-1, [-1])).toBe(0);
  });
});

describe.skipIf(!existsSync(data))('on the COCO evaluation’s example (needs ../shared/data)', () => {
  const references = existsSync(data) ? read<Record<string, string[]>>('fakecap-references.json') : {};
  const candidates = existsSync(data) ? read<Record<string, string[]>>('fakecap-candidates.json') : {};

  it('equals the published figures to 1e-9', () => {
    const scores = score(
      Object.keys(references).map((id) => ({ caption: candidates[id]![0]!, references: references[id]! })),
      'none',
    );
    const expected = {
      bleu1: 0.5793995754573356,
      bleu2: 0.40439129741018104,
      bleu3: 0.2785363856619147,
      bleu4: 0.1908290437674253,
      rougeL: 0.39625269357570847,
      ciderD: 0.5997905185184199,
    };
    for (const [name, value] of Object.entries(expected))
      expect(scores[name as keyof typeof scores], name).toBeCloseTo(value, 9);
  });

  it('splits all raw captions as the Penn Treebank tokenizer did', () => {
    const raw = read<{ image_id: number; caption: string }[]>('captions_val2014_fakecap_results.json');
    const different = raw.filter(({ image_id, caption }) => ptbTokens(caption).join(' ') !== candidates[image_id]![0]);
    expect(different).toEqual([]);
  });

  // Expected: pycocoevalcap 1.2 on the same files, with its own tokenizer.
  it.each([
    [
      'magic-flickr30k',
      [0.4449831454990043, 0.24079974378737862, 0.12367058730199461, 0.06427092379439048],
      [0.3156619098461114, 0.2037237328262947],
    ],
    [
      'magic-mscoco',
      [0.5682029902520315, 0.35763999754002485, 0.214165700056298, 0.12877808577112831],
      [0.3987945346088995, 0.4928873510252646],
    ],
  ])(
    'scores %s as it does, to 1e-9',
    (name, bleus, [rougeL, ciderD]) => {
      const images = read<{ references: string[]; prediction: string }[]>(`${name}.json`);
      const scores = score(images.map(({ references, prediction }) => ({ caption: prediction, references })));
      [scores.bleu1, scores.bleu2, scores.bleu3, scores.bleu4].forEach((value, i) =>
        expect(Math.abs(value - bleus[i]!)).toBeLessThan(1e-9),
      );
      expect(Math.abs(scores.rougeL - rougeL!)).toBeLessThan(1e-9);
      expect(Math.abs(scores.ciderD - ciderD!)).toBeLessThan(1e-9);
    },
    300_000,
  );

  it('equals the figures of CLIPScore’s examples', () => {
    const refs = read<Record<string, string[]>>('clipscore-refs.json');
    const good = read<Record<string, string>>('clipscore-good_captions.json');
    const scores = score(Object.keys(good).map((id) => ({ caption: good[id]!, references: refs[id]! })));
    expect(scores.rougeL).toBeCloseTo(0.4280104846, 8);
    expect(scores.ciderD).toBeCloseTo(0.5637412592, 8);
    expect(scores.cider).toBeCloseTo(0.7496345418, 8);
    expect(scores.bleu1).toBeCloseTo(0.6666666666, 8);
    expect(scores.bleu2).toBeCloseTo(0.4898979485, 8);
    expect(scores.bleu3).toBeCloseTo(0.346881495, 8);
    expect(scores.bleu4).toBeCloseTo(0.0000375475, 9);
    const bad = read<Record<string, string>>('clipscore-bad_captions.json');
    const worse = score(Object.keys(bad).map((id) => ({ caption: bad[id]!, references: refs[id]! })));
    const expected = {
      bleu1: 0.4814814815,
      bleu2: 0.240370085,
      bleu3: 0.135939082,
      bleu4: 0.0000185975,
      rougeL: 0.3121105473,
      ciderD: 0.2790165307,
      cider: 0.3948449879,
    };
    for (const [name, value] of Object.entries(expected))
      expect(worse[name as keyof typeof worse], name).toBeCloseTo(value, 8);
  });
});
