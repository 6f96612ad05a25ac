import type { Rating, Ratings } from '@/kept/ratings';

/** Ratings that were given and are on their way to where they are kept: shown at once, taken back where that fails. */
export class RatingDesk {
  /** null: taken away. */
  readonly #given = new Map<string, { rating: Rating | null }>();
  #queue: Promise<unknown> = Promise.resolve();

  /** Those that are kept, with those that are on their way. */
  over(kept: Ratings): Ratings {
    if (!this.#given.size) return kept;
    return withRatings(
      kept,
      Object.fromEntries([...this.#given].map(([lane, { rating }]) => [lane, rating ?? undefined])),
    );
  }

  /**
   * @param keep one after the other, so that the last one given is the last one kept; tells the comparison what is kept
   * @param changed something else is to be shown @throws what `keep` threw
   */
  give(lane: string, rating: Rating | undefined, keep: () => Promise<void>, changed: () => void): Promise<void> {
    const mine = { rating: rating ?? null };
    this.#given.set(lane, mine);
    changed();
    const kept = this.#queue.then(keep).finally(() => {
      if (this.#given.get(lane) === mine) this.#given.delete(lane);
      changed();
    });
    this.#queue = kept.catch(() => undefined);
    return kept;
  }
}

export const withRatings = (ratings: Ratings = {}, change: Readonly<Record<string, Rating | undefined>>): Ratings =>
  Object.fromEntries(
    Object.entries({ ...ratings, ...change }).flatMap(([lane, rating]) => (rating ? [[lane, rating]] : [])),
  );
