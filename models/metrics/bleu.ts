import { ngramCounts, type Scored } from './ngrams';

const tiny = 1e-15;
const small = 1e-9;

/**
 * Corpus BLEU-1..4 (Papineni et al. 2002) as the COCO evaluation computes it: closest reference length (ties to the
 * shorter), counts
 * summed over the corpus, and its two smoothing constants, so that no match gives a tiny value, not 0. In [0, 1].
 */
export function bleu(items: readonly Scored[]): [number, number, number, number] {
  const guess = [0, 0, 0, 0];
  const correct = [0, 0, 0, 0];
  let candidateLength = 0;
  let referenceLength = 0;
  for (const { candidate, references } of items) {
    candidateLength += candidate.length;
    referenceLength += closest(candidate.length, references);
    const referenceCounts = references.map((reference) => ngramCounts(reference));
    ngramCounts(candidate).forEach((counts, i) => {
      guess[i]! += Math.max(0, candidate.length - i);
      for (const [gram, count] of counts)
        correct[i]! += Math.min(
          count,
          Math.max(0, ...referenceCounts.map((reference) => reference[i]!.get(gram) ?? 0)),
        );
    });
  }
  const ratio = (candidateLength + tiny) / (referenceLength + small);
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return [0, 1, 2, 3].map((i) => {
    product *= (correct[i]! + tiny) / (guess[i]! + small);
    return product ** (1 / (i + 1)) * brevity;
  }) as [number, number, number, number];
}

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
