import { ngramCounts, type Scored } from './ngrams';

const tiny = 1e-15;
const small = 1e-9;

/** What BLEU is made of: lengths, and n-grams guessed and right, n = 1..4. Counts of images add up. */
export type BleuCounts = { candidate: number; reference: number; guess: number[]; correct: number[] };

export const noCounts = (): BleuCounts => ({ candidate: 0, reference: 0, guess: [0, 0, 0, 0], correct: [0, 0, 0, 0] });

/** Adds counts to a sum, which is changed and given back. */
export function withCounts(sum: BleuCounts, { candidate, reference, guess, correct }: BleuCounts): BleuCounts {
  sum.candidate += candidate;
  sum.reference += reference;
  for (let n = 0; n < 4; n++) {
    sum.guess[n]! += guess[n]!;
    sum.correct[n]! += correct[n]!;
  }
  return sum;
}

/** The counts of one image: closest reference length, ties to the shorter. */
export function bleuCounts({ candidate, references }: Scored): BleuCounts {
  const counts = noCounts();
  counts.candidate = candidate.length;
  counts.reference = closest(candidate.length, references);
  const referenceCounts = references.map((reference) => ngramCounts(reference));
  ngramCounts(candidate).forEach((grams, i) => {
    counts.guess[i] = Math.max(0, candidate.length - i);
    for (const [gram, count] of grams)
      counts.correct[i]! += Math.min(
        count,
        Math.max(0, ...referenceCounts.map((reference) => reference[i]!.get(gram) ?? 0)),
      );
  });
  return counts;
}

/** BLEU-1..4 of summed counts, in [0, 1]. */
export function bleuOf({ candidate, reference, guess, correct }: BleuCounts): [number, number, number, number] {
  const ratio = (candidate + tiny) / (reference + small);
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return [0, 1, 2, 3].map((i) => {
    product *= (correct[i]! + tiny) / (guess[i]! + small);
    return product ** (1 / (i + 1)) * brevity;
  }) as [number, number, number, number];
}

/**
 * Corpus BLEU-1..4 (Papineni et al. 2002) as the COCO evaluation computes it: counts summed over the corpus, and its
 * two smoothing constants, so that no match gives a tiny value, not 0. In [0, 1].
 */
export const bleu = (items: readonly Scored[]): [number, number, number, number] =>
  bleuOf(items.reduce((sum, item) => withCounts(sum, bleuCounts(item)), noCounts()));

function closest(length: number, references: readonly (readonly string[])[]): number {
  return references
    .map((reference) => reference.length)
    .reduce(
      (best, l) =>
        Math.abs(l - length) < Math.abs(best - length) || (Math.abs(l - length) === Math.abs(best - length) && l < best)
          ? l
          : best,
      references[0]?.length ?? 0,
    );
}
