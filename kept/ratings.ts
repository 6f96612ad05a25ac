import { inEnglish, type Said } from '../models/said';
import type { Rating } from './fields';

/** What people thought of captions, and what follows from many of them. */

export const starChoices = [1, 2, 3, 4, 5] as const;
/** What each number of stars says, so that several people mean the same by it. */
export const starWords = ['wrong', 'mostly wrong', 'half right', 'small flaw', 'right'] as const;

export type { Rating };
/** Ratings of a comparison by the ids of its lanes; lanes without one are left out. */
export type Ratings = Readonly<Record<string, Rating>>;

/** In words: `4 of 5, small flaw, given blind`. `say`: in another language. */
export const ratingText = ({ stars, blind }: Rating, say: (said: Said) => string = inEnglish) =>
  [
    say({ sentence: '{{stars}} of 5, {{word}}', values: { stars, word: say({ sentence: starWords[stars - 1]! }) } }),
    ...(blind ? [say({ sentence: 'given blind' })] : []),
  ].join(', ');

/** Ratings of lanes as a comparison holds them. */
export function ratingsOf(lanes: readonly { id: string; rating?: Rating }[]): Ratings {
  return Object.fromEntries(lanes.flatMap(({ id, rating }) => (rating ? [[id, rating]] : [])));
}

/** The lane that alone has the most stars, among at least two that are rated. */
export function bestRated(ratings: Ratings): string | undefined {
  const sorted = Object.entries(ratings).sort(([, a], [, b]) => b.stars - a.stars);
  return sorted.length > 1 && sorted[0]![1].stars > sorted[1]![1].stars ? sorted[0]![0] : undefined;
}

/** Whether a lane's options say that it goes on from words that a person chose: its caption is no decoder's own. */
export const isBranch = (options: Readonly<Record<string, unknown>> | null | undefined): boolean =>
  Array.isArray(options?.prefixTokens) && options.prefixTokens.length > 0;

/** The rated lanes of one comparison; `branch`: it goes on from words that a person chose. */
export type RatedComparison = { id: string; lanes: ({ lane: string; decoder: string; branch?: boolean } & Rating)[] };

export type DecoderRatings = {
  decoder: string;
  /** Rated captions, and how many of them were rated blind. */
  n: number;
  blind: number;
  /** Stars. */
  mean: number;
  /** Standard deviation of the sample (n − 1); null for a single rating. */
  sd: number | null;
};
export type PairRatings = {
  a: string;
  b: string;
  /** Pairs of rated captions of the same input, one by each decoder; `wins`: the one of `a` has more stars. */
  n: number;
  wins: number;
  ties: number;
  losses: number;
  /** (wins + ties / 2) / n: 0.5 where neither is preferred. */
  rate: number;
};
export type RatingTable = {
  comparisons: number;
  ratings: number;
  /** The best mean first. */ decoders: DecoderRatings[];
  pairs: PairRatings[];
  /** Rated branches, which are in no sum: a person chose how they begin. */
  branches: number;
};

/**
 * Mean rating by decoder, and wins of each pair of decoders over captions of the same input. Two lanes of one decoder
 * are two captions of
 * it, and no pair. A branch is a person's as much as its decoder's, and is in neither. `blindOnly`: counts only what
 * was rated blind.
 */
export function ratingTable(comparisons: readonly RatedComparison[], { blindOnly = false } = {}): RatingTable {
  const rated = comparisons.map(({ lanes }) => lanes.filter(({ blind }) => blind || !blindOnly));
  const counted = rated.map((lanes) => lanes.filter(({ branch }) => !branch)).filter((lanes) => lanes.length);
  const branches = rated.flat().filter(({ branch }) => branch).length;
  const given = new Map<string, { stars: number; blind: boolean }[]>();
  for (const { decoder, stars, blind } of counted.flat()) {
    const rating = { stars, blind };
    const ratings = given.get(decoder);
    if (ratings) ratings.push(rating);
    else given.set(decoder, [rating]);
  }
  const decoders = [...given].map(([decoder, ratings]): DecoderRatings => {
    const n = ratings.length;
    const mean = ratings.reduce((sum, { stars }) => sum + stars, 0) / n;
    const squares = ratings.reduce((sum, { stars }) => sum + (stars - mean) ** 2, 0);
    return {
      decoder,
      n,
      blind: ratings.filter(({ blind }) => blind).length,
      mean,
      sd: n > 1 ? Math.sqrt(squares / (n - 1)) : null,
    };
  });
  decoders.sort((a, b) => b.mean - a.mean || (a.decoder < b.decoder ? -1 : 1));
  const names = decoders.map(({ decoder }) => decoder);
  const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b) => pairOf(a, b, counted))).filter(({ n }) => n > 0);
  return { comparisons: counted.length, ratings: counted.flat().length, decoders, pairs, branches };
}

function pairOf(a: string, b: string, comparisons: readonly { decoder: string; stars: number }[][]): PairRatings {
  let [wins, ties, losses] = [0, 0, 0];
  for (const lanes of comparisons)
    for (const one of lanes.filter(({ decoder }) => decoder === a))
      for (const other of lanes.filter(({ decoder }) => decoder === b)) {
        if (one.stars > other.stars) wins++;
        else if (one.stars < other.stars) losses++;
        else ties++;
      }
  const n = wins + ties + losses;
  return { a, b, n, wins, ties, losses, rate: n ? (wins + ties / 2) / n : 0.5 };
}
