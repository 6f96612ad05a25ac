import type { LaneResult } from './events';

/** How much a caption may be trusted, as its cosine tells it. */
export type Certainty = NonNullable<LaneResult['certainty']>;

/**
 * A plain word for a cosine of caption and photo. `likelyFrom`: the cosine from which a decoder's caption is more
 * likely than not among
 * the better half, calibrated on photos set aside from training (models/training/certainty.py) and kept in the family's
 * manifest. Nothing
 * is said where nothing was calibrated.
 */
export function certaintyOf(similarity: number, likelyFrom: number | undefined): Certainty | undefined {
  if (likelyFrom === undefined) return undefined;
  return similarity >= likelyFrom ? 'likely' : 'unsure';
}
