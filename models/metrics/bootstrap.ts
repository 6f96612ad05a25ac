import { seeded } from '../random';
import { type BleuCounts, bleuOf, noCounts, withCounts } from './bleu';

/** A system's figures image by image, in the order in which every system has the images. */
export type ImageFigures = {
  /** Figures whose mean is the score. */
  means: Readonly<Record<string, readonly number[]>>;
  /** What corpus BLEU is summed of. */
  bleu: readonly BleuCounts[];
};

/** How much a system is above another by a metric. */
export type Difference = {
  metric: string;
  /** Of the first over the second. */
  difference: number;
  /** In 95 of 100 draws of as many images it lies between these. */
  low: number;
  high: number;
  /** Two-sided: how often draws say the contrary. */
  p: number;
};

/**
 * Paired bootstrap (Efron; Koehn 2004): images are drawn with replacement, the same for both systems, and the
 * difference of their scores is looked at over the draws. Corpus BLEU is of the drawn images' own counts; document
 * frequencies stay those of the whole set.
 */
export function pairedBootstrap(
  first: ImageFigures,
  second: ImageFigures,
  { draws = 1000, seed = 1 }: { draws?: number; seed?: number } = {},
): Difference[] {
  const images = first.bleu.length;
  const random = seeded(seed);
  const names = Object.keys(first.means).filter((name) => Object.hasOwn(second.means, name));
  const sampled = new Map<string, number[]>(['bleu1', 'bleu4', ...names].map((name) => [name, []]));
  const bleuDifference = (one: BleuCounts, other: BleuCounts) => {
    const [a, b] = [bleuOf(one), bleuOf(other)];
    return [a[0] - b[0], a[3] - b[3]] as const;
  };
  const gaps = names.map((name) => first.means[name]!.map((value, i) => value - second.means[name]![i]!));
  for (let draw = 0; draw < draws; draw++) {
    const [one, other] = [noCounts(), noCounts()];
    const sums = names.map(() => 0);
    for (let i = 0; i < images; i++) {
      const image = Math.floor(random() * images);
      withCounts(one, first.bleu[image]!);
      withCounts(other, second.bleu[image]!);
      for (let m = 0; m < names.length; m++) sums[m]! += gaps[m]![image]!;
    }
    const [bleu1, bleu4] = bleuDifference(one, other);
    sampled.get('bleu1')!.push(bleu1);
    sampled.get('bleu4')!.push(bleu4);
    names.forEach((name, m) => sampled.get(name)!.push(sums[m]! / images));
  }
  const whole = (counts: readonly BleuCounts[]) => counts.reduce((sum, next) => withCounts(sum, next), noCounts());
  const [bleu1, bleu4] = bleuDifference(whole(first.bleu), whole(second.bleu));
  const real = new Map([
    ['bleu1', bleu1],
    ['bleu4', bleu4],
    ...names.map((name, m) => [name, gaps[m]!.reduce((sum, gap) => sum + gap, 0) / images] as const),
  ]);
  return [...sampled].map(([metric, values]): Difference => {
    const sorted = values.sort((a, b) => a - b);
    const below = sorted.filter((value) => value <= 0).length;
    const above = sorted.filter((value) => value >= 0).length;
    return {
      metric,
      difference: real.get(metric)!,
      low: quantile(sorted, 0.025),
      high: quantile(sorted, 0.975),
      p: Math.min(1, (2 * (1 + Math.min(below, above))) / (draws + 1)),
    };
  });
}

/** Between the two nearest, as NumPy's `linear`. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  return sorted[low]! + (place - low) * (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!);
}
