import type { Scored } from './ngrams';

const beta = 1.2;

/**
 * ROUGE-L (Lin 2004) as the COCO evaluation computes it: largest precision and largest recall taken separately over the
 * references, β = 1.2.
 */
export function rougeL({ candidate, references }: Scored): number {
  if (!candidate.length) return 0;
  let precision = 0;
  let recall = 0;
  for (const reference of references) {
    const common = longestCommonSubsequence(candidate, reference);
    precision = Math.max(precision, common / candidate.length);
    if (reference.length) recall = Math.max(recall, common / reference.length);
  }
  return precision && recall ? ((1 + beta ** 2) * precision * recall) / (recall + beta ** 2 * precision) : 0;
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Int32Array(b.length + 1);
  for (const word of a) {
    const next = new Int32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++) next[j] = word === b[j - 1] ? row[j - 1]! + 1 : Math.max(row[j]!, next[j - 1]!);
    row = next;
  }
  return row[b.length]!;
}
