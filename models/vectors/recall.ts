/** Shares of queries of which a right answer stands among the first 1, 5 and 10. */
export type Recall = { queries: number; recall1: number; recall5: number; recall10: number; medianRank: number };

/**
 * Recall@1/5/10 and the median rank.
 * @param ranks of the best right answer of each query, from 1; Infinity where it was not found
 */
export function recallOf(ranks: readonly number[]): Recall {
  const within = (most: number) => ranks.filter((rank) => rank <= most).length / Math.max(1, ranks.length);
  const sorted = [...ranks].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const medianRank = sorted.length ? (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2 : NaN;
  return { queries: ranks.length, recall1: within(1), recall5: within(5), recall10: within(10), medianRank };
}
