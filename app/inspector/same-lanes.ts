import { useState } from 'react';
import type { LaneFilm } from '../views/film';

/** The list of before while its lanes are the same, however often a list of them is made. */
export function useSameLanes(lanes: readonly LaneFilm[]): readonly LaneFilm[] {
  const [kept, setKept] = useState(lanes);
  const same = kept.length === lanes.length && kept.every((lane, i) => lane === lanes[i]);
  if (!same) setKept(lanes);
  return same ? kept : lanes;
}
