import { useMemo } from 'react';
import type { Ratings } from '@/kept/ratings';
import { endOf, type LaneFilm } from '../views/film';
import { laneTitle } from '../views/looks';
import { agreement, type ReferenceScores, type WordMark } from '../views/words';
import { useChoices } from './choices';
import { bestOf, equalLanes, type Line, type Said, type SaidLine, shownColumns } from './columns';

const noneSaid: readonly Said[] = [];

/**
 * What is told of lanes beside each other: which numbers, who leads them, who says the same, which words they share.
 * Made anew only when a lane has ended or a number has changed, not while words stream.
 */
export function useLines(
  films: readonly LaneFilm[],
  scores: ReadonlyMap<string, ReferenceScores> | undefined,
  ratings: Ratings,
  /** What a person says, ranked among the captions. */
  said: readonly Said[] = noneSaid,
) {
  const { columns: chosen, words } = useChoices();
  const lines = films.map((lane): Line => ({
    lane,
    scores: scores?.get(lane.id),
    rating: endOf(lane) && ratings[lane.id],
  }));
  const saidLines = said.map((one): SaidLine => ({ said: one, scores: scores?.get(one.id) }));
  // Results are the same objects for as long as they stand, so their times tell them.
  const ended = JSON.stringify(films.map((lane) => [lane.id, endOf(lane)?.ms, endOf(lane)?.caption]));
  const made = useMemo(() => {
    const rows = [...lines, ...saidLines];
    const columns = shownColumns(chosen, rows);
    const best = new Map<string, string>();
    for (const column of columns)
      for (const id of bestOf(column, rows)) best.set(id, `${best.get(id) ?? ''} ${column.key}`.trim());
    const told = films.filter((lane) => endOf(lane)?.caption);
    const marks = words ? agreement(told.map((lane) => endOf(lane)!.caption)) : [];
    return {
      columns,
      /** Keys of the columns that a line leads, by its id. */
      best,
      equal: new Map([...equalLanes(films)].map(([id, lane]) => [id, laneTitle(lane)])),
      marks: new Map(marks.map((each, i): [string, readonly WordMark[]] => [told[i]!.id, each])),
      told: told.length,
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- lanes count by how they ended
  }, [chosen, ended, ratings, said, scores, words]);
  return { lines, said: saidLines, words, ...made };
}
