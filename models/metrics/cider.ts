import { ngramCounts, type Scored } from './ngrams';

/** How many images' references hold an n-gram, and how many images there are. */
export type DocumentFrequencies = { images: number; counts: ReadonlyMap<string, number> };
type Vector = { weights: Map<string, number>[]; norms: number[]; length: number };

/** Document frequencies of the references being scored: the usual choice, and 0 for one image alone. */
export function documentFrequencies(items: readonly Scored[]): DocumentFrequencies {
  const counts = new Map<string, number>();
  for (const { references } of items) {
    const grams = new Set(
      references.flatMap((reference) => ngramCounts(reference).flatMap((byGram) => [...byGram.keys()])),
    );
    for (const gram of grams) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return { images: items.length, counts };
}

/**
 * CIDEr-D of each image (Vedantam et al. 2015), in COCO's scale: tf-idf of n-grams up to 4 with raw counts, candidate
 * weights clipped
 * to the reference's, Gaussian length penalty with σ = 6 on the number of bigrams, times 10. What the COCO evaluation
 * prints as "CIDEr".
 */
export function ciderD(items: readonly Scored[], frequencies = documentFrequencies(items)): number[] {
  return items.map(({ candidate, references }) => {
    const mine = vector(candidate, frequencies);
    return (
      mean(
        references.map((reference) => {
          const theirs = vector(reference, frequencies);
          const penalty = Math.exp(-((mine.length - theirs.length) ** 2) / (2 * 6 ** 2));
          return similarity(mine, theirs, (a, b) => Math.min(a, b) * b) * penalty;
        }),
      ) * 10
    );
  });
}

/** Plain CIDEr of each image: no clipping, no length penalty; otherwise as CIDEr-D. */
export function cider(items: readonly Scored[], frequencies = documentFrequencies(items)): number[] {
  return items.map(({ candidate, references }) => {
    const mine = vector(candidate, frequencies);
    return mean(references.map((reference) => similarity(mine, vector(reference, frequencies), (a, b) => a * b))) * 10;
  });
}

/** [captions, captions]: plain CIDEr of captions with one another, without the times 10, in [0, 1]. */
export function selfSimilarities(
  captions: readonly (readonly string[])[],
  frequencies: DocumentFrequencies,
): number[][] {
  const vectors = captions.map((words) => vector(words, frequencies));
  return vectors.map((one) => vectors.map((other) => similarity(one, other, (a, b) => a * b)));
}

function vector(words: readonly string[], { images, counts }: DocumentFrequencies): Vector {
  const logImages = Math.log(images);
  const grams = ngramCounts(words);
  const weights = grams.map(
    (byGram) =>
      new Map(
        [...byGram].map(([gram, count]) => [gram, count * (logImages - Math.log(Math.max(1, counts.get(gram) ?? 0)))]),
      ),
  );
  const norms = weights.map((byGram) => Math.sqrt([...byGram.values()].reduce((sum, w) => sum + w * w, 0)));
  return { weights, norms, length: Math.max(0, words.length - 1) };
}

/** Mean over n of the cosine of the n-gram vectors. */
function similarity(a: Vector, b: Vector, product: (a: number, b: number) => number): number {
  return mean(
    a.weights.map((byGram, n) => {
      let sum = 0;
      for (const [gram, weight] of byGram) sum += product(weight, b.weights[n]!.get(gram) ?? 0);
      const norms = a.norms[n]! * b.norms[n]!;
      return norms ? sum / norms : 0;
    }),
  );
}

const mean = (values: readonly number[]) => (values.length ? values.reduce((sum, v) => sum + v, 0) / values.length : 0);
