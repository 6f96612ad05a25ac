import { ptbTokens } from './ptb-tokenizer';

const longest = 4;
const known = new WeakMap<readonly string[], readonly ReadonlyMap<string, number>[]>();

/**
 * Counts of the n-grams of `words` for n = 1..4; words of a gram are joined by a space. Index 0 holds n = 1. Counted
 * once for each
 * array and remembered while it lives, since every metric asks for the same ones: `words` must not change afterwards.
 */
export function ngramCounts(words: readonly string[]): readonly ReadonlyMap<string, number>[] {
  const before = known.get(words);
  if (before) return before;
  const counts = Array.from({ length: longest }, () => new Map<string, number>());
  for (let start = 0; start < words.length; start++) {
    let gram = '';
    for (let n = 0; n < longest && start + n < words.length; n++) {
      gram = n ? `${gram} ${words[start + n]!}` : words[start]!;
      counts[n]!.set(gram, (counts[n]!.get(gram) ?? 0) + 1);
    }
  }
  known.set(words, counts);
  return counts;
}

/** Every n-gram of captions, once and in order: what document frequencies are asked for. */
export const gramsOf = (captions: readonly string[]): string[] =>
  [
    ...new Set(captions.flatMap((caption) => ngramCounts(ptbTokens(caption)).flatMap((byGram) => [...byGram.keys()]))),
  ].sort();

/** One image to score: the caption and its references, already split into words. */
export type Scored = { candidate: readonly string[]; references: readonly (readonly string[])[] };
