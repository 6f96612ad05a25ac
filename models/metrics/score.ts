import { type BleuCounts, bleuCounts, bleuOf, noCounts, withCounts } from './bleu';
import { cider, ciderD, type DocumentFrequencies, documentFrequencies } from './cider';
import type { Scored } from './ngrams';
import { ptbTokensOfAll } from './ptb-tokenizer';
import { rougeL } from './rouge-l';

/**
 * `ptb`: Penn Treebank words, as the COCO evaluation; `none`: the text is tokenised already, words are split at spaces.
 */
export type WordSplit = 'ptb' | 'none';
export type Captioned = { caption: string; references: readonly string[] };
export type Scores = {
  n: number;
  bleu1: number;
  bleu2: number;
  bleu3: number;
  bleu4: number;
  rougeL: number;
  cider: number;
  ciderD: number;
  distinct: number;
};

/** The words of a text. */
const words = (texts: readonly string[], split: WordSplit) =>
  split === 'ptb' ? ptbTokensOfAll(texts) : texts.map((text) => text.split(' ').filter(Boolean));

/** Words of each image's references. The evaluation writes the references of all images into one file. */
function referenceWords(references: readonly (readonly string[])[], split: WordSplit): string[][][] {
  const all = words(references.flat(), split);
  let next = 0;
  return references.map((captions) => captions.map(() => all[next++]!));
}

/** Document frequencies of another set's references, by image: CIDEr of few images has hardly any of its own. */
export const frequenciesIn = (references: Iterable<readonly string[]>, split: WordSplit = 'ptb'): DocumentFrequencies =>
  documentFrequencies(
    referenceWords([...references], split).map((captions) => ({ candidate: [], references: captions })),
  );

/** A set of captions image by image: its words, and the figures whose means (of BLEU: whose sums) are the scores. */
export type Measured = {
  scored: readonly Scored[];
  frequencies: DocumentFrequencies;
  bleu: readonly BleuCounts[];
  rougeL: readonly number[];
  cider: readonly number[];
  ciderD: readonly number[];
};

/** Measures captions image by image. Document frequencies are from their own references unless others are given. */
export function measure(
  items: readonly Captioned[],
  split: WordSplit = 'ptb',
  frequencies?: DocumentFrequencies,
): Measured {
  const captions = words(
    items.map(({ caption }) => caption),
    split,
  );
  const references = referenceWords(
    items.map((item) => item.references),
    split,
  );
  const scored = items.map((_, i): Scored => ({
    candidate: captions[i]!,
    references: references[i]!,
  }));
  const known = frequencies ?? documentFrequencies(scored);
  return {
    scored,
    frequencies: known,
    bleu: scored.map(bleuCounts),
    rougeL: scored.map(rougeL),
    cider: cider(scored, known),
    ciderD: ciderD(scored, known),
  };
}

/** The scores of what was measured. `distinct`: different captions. */
export function scoresOf(items: readonly Captioned[], measured: Measured): Scores {
  const [bleu1, bleu2, bleu3, bleu4] = bleuOf(measured.bleu.reduce(withCounts, noCounts()));
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
  return {
    n: items.length,
    bleu1,
    bleu2,
    bleu3,
    bleu4,
    rougeL: mean(measured.rougeL),
    cider: mean(measured.cider),
    ciderD: mean(measured.ciderD),
    distinct: new Set(items.map(({ caption }) => caption)).size,
  };
}

/**
 * Every metric of a set of captions, document frequencies from their own references unless others are given (of one
 * image all are zero, and so is its CIDEr).
 */
export const score = (
  items: readonly Captioned[],
  split: WordSplit = 'ptb',
  frequencies?: DocumentFrequencies,
): Scores => scoresOf(items, measure(items, split, frequencies));

/** The words of texts that stand below each other, as the metrics count them. */
export const wordsOf = words;
