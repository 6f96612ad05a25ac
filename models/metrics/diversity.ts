import { bleu } from './bleu';
import { type DocumentFrequencies, selfSimilarities } from './cider';
import { ngramCounts } from './ngrams';
import { symmetricEigenvalues } from './eigenvalues';

/** How varied the captions of a set are, one an image. */
export type SetDiversity = {
  /** Different words. */
  vocabulary: number;
  /** Different words, and pairs of words, among all there are (distinct-1, distinct-2; Li et al. 2016). */
  distinct1: number;
  distinct2: number;
  /** Mean number of words. */
  length: number;
};

export function setDiversity(captions: readonly (readonly string[])[]): SetDiversity {
  const share = (n: number) => {
    const seen = new Set<string>();
    let total = 0;
    for (const words of captions)
      for (const [gram, count] of ngramCounts(words)[n]!) {
        seen.add(gram);
        total += count;
      }
    return { different: seen.size, share: total ? seen.size / total : 0 };
  };
  const words = captions.reduce((sum, { length }) => sum + length, 0);
  return {
    vocabulary: share(0).different,
    distinct1: share(0).share,
    distinct2: share(1).share,
    length: captions.length ? words / captions.length : 0,
  };
}

/** How varied several captions of the same image are, mean over the images that have several. */
export type ManyDiversity = {
  images: number;
  /** Different words, and pairs, of an image's captions over its words. */
  div1: number;
  div2: number;
  /** BLEU of each caption against the others of its image: high where they say the same. */
  mBleu1: number;
  mBleu2: number;
  mBleu3: number;
  mBleu4: number;
  /** 0 where all say the same, 1 where none shares a word. */
  selfCider: number;
};

/**
 * Diversity of several captions an image: Div-1 and Div-2 and mBLEU as ruotianluo/self-critical.pytorch counts them
 * (per word, plus 1e-6), and Self-CIDEr (Wang and Chan 2019): how evenly the eigenvalues of the captions' CIDEr with
 * one another are spread. @returns undefined where no image has several
 */
export function manyDiversity(
  sets: readonly (readonly (readonly string[])[])[],
  frequencies: DocumentFrequencies,
): ManyDiversity | undefined {
  const several = sets.filter(({ length }) => length > 1);
  if (!several.length) return undefined;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const div = (n: number) =>
    mean(
      several.map((captions) => {
        const grams = new Set(captions.flatMap((words) => [...ngramCounts(words)[n]!.keys()]));
        return grams.size / (1e-6 + captions.reduce((sum, words) => sum + words.length, 0));
      }),
    );
  const most = Math.max(...several.map(({ length }) => length));
  const bleus = Array.from({ length: most }, (_, i) =>
    bleu(
      several.flatMap((captions) =>
        i < captions.length ? [{ candidate: captions[i]!, references: captions.filter((__, j) => j !== i) }] : [],
      ),
    ),
  );
  const mBleu = (n: number) => mean(bleus.map((scores) => scores[n]!));
  return {
    images: several.length,
    div1: div(0),
    div2: div(1),
    mBleu1: mBleu(0),
    mBleu2: mBleu(1),
    mBleu3: mBleu(2),
    mBleu4: mBleu(3),
    selfCider: mean(several.map((captions) => spreadOf(selfSimilarities(captions, frequencies)))),
  };
}

/** −log of the share of the first of the roots of the eigenvalues, over the log of how many there are. */
function spreadOf(matrix: readonly (readonly number[])[]): number {
  const values = symmetricEigenvalues(matrix);
  // What rounding leaves of an eigenvalue of 0 would be 1e-8 as a root.
  const least = 1e-13 * Math.max(...values);
  const roots = values.map((value) => (value > least ? Math.sqrt(value) : 0));
  const sum = roots.reduce((total, root) => total + root, 0);
  return sum ? -Math.log(Math.max(...roots) / sum) / Math.log(roots.length) : 0;
}

/** Share of captions that are none of a list, as of those trained on. @param known their words joined by blanks */
export const novelty = (captions: readonly (readonly string[])[], known: ReadonlySet<string>): number =>
  captions.filter((words) => !known.has(words.join(' '))).length / Math.max(1, captions.length);
