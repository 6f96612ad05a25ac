import type { Rating } from '../../kept/ratings';

type Columns = { stars: number | null; ratedBlind: boolean | null };

/** A rating as the database has it; null takes it away, undefined leaves what is there. */
export const ratingColumns = (rating: Rating | null | undefined): Partial<Columns> =>
  rating === undefined ? {} : { stars: rating?.stars ?? null, ratedBlind: rating?.blind ?? null };

/** A row's rating as views have it: left out where there is none. */
export const ratingOf = ({ stars, ratedBlind }: Columns): { rating?: Rating } =>
  stars === null ? {} : { rating: { stars, blind: ratedBlind ?? false } };
