/** Counts of the n-grams of `words` for n = 1..`longest`; words of a gram are joined by a space. Index 0 holds n = 1. */
export function ngramCounts(words: readonly string[], longest = 4): Map<string, number>[] {
  return Array.from({ length: longest }, (_, i) => {
    const counts = new Map<string, number>();
    for (let at = 0; at + i < words.length; at++) {
      const gram = words.slice(at, at + i + 1).join(' ');
      counts.set(gram, (counts.get(gram) ?? 0) + 1);
    }
    return counts;
  });
}

/** One image to score: the caption and its references, already split into words. */
export type Scored = { candidate: readonly string[]; references: readonly (readonly string[])[] };
