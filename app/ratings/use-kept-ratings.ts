'use client';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Rating, Ratings } from '@/kept/ratings';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';
import { codeOf, problemOf, type StudioClient } from '../client/client';
import type { Input } from '../inputs/inputs';
import type { LocalRuns } from '../comparisons/local-runs';
import type { ServerComparisons } from '../comparisons/server-comparisons';

type Needs = {
  client: StudioClient;
  server: ServerComparisons;
  local: LocalRuns;
  active: Pick<Input, 'serverId' | 'localId' | 'ranOn'> | undefined;
  lanes: readonly { id: string }[];
};
/** Where a lane's caption is kept: on the server or in this browser. */
type Place = { where: 'server' | 'local'; id: string };

/**
 * Ratings of the comparison that is shown: kept where each lane's caption is kept, shown at once, taken back where that
 * fails.
 */
export function useKeptRatings({ client, server, local, active, lanes }: Needs) {
  /** What was given on this page, by place and lane; null: taken away. */
  const [given, setGiven] = useState<Readonly<Record<string, Rating | null>>>({});
  const [problem, setProblem] = useState<Problem>();
  const { serverId, localId, ranOn } = active ?? {};
  const placeOf = useCallback(
    (lane: string): Place | undefined => {
      const here = local.states(localId).some((state) => state.lanes.some(({ id }) => id === lane));
      const there = server.shown(serverId)?.state.lanes.some(({ id }) => id === lane) ?? false;
      if (localId !== undefined && here && !(there && ranOn?.[lane] === 'server'))
        return { where: 'local', id: localId };
      return serverId !== undefined && there ? { where: 'server', id: serverId } : undefined;
    },
    [local, localId, ranOn, server, serverId],
  );

  const ratings: Ratings = {};
  for (const { id: lane } of lanes) {
    const place = placeOf(lane);
    if (!place) continue;
    const change = given[keyOf(place, lane)];
    const rating =
      change === undefined
        ? (place.where === 'local' ? local.comparison(place.id)?.ratings : server.shown(place.id)?.ratings)?.[lane]
        : change;
    if (rating) (ratings as Record<string, Rating>)[lane] = rating;
  }

  /** One after the other, so that the last one given is the last one kept. */
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const rate = (lane: string, rating: Rating | undefined) => {
    const place = placeOf(lane);
    if (!place) return;
    const key = keyOf(place, lane);
    const before = ratings[lane] ?? null;
    setProblem(undefined);
    setGiven((all) => ({ ...all, [key]: rating ?? null }));
    const onServer = (id: string) => client.history.rate.mutate({ id, lane, rating: rating ?? null });
    const keep = async () => {
      if (place.where === 'server') return onServer(place.id);
      await local.rate(place.id, lane, rating);
      // What was saved is changed along, as its title is.
      const savedId = local.comparison(place.id)?.savedId;
      if (savedId !== undefined)
        await onServer(savedId).catch((error: unknown) => {
          if (codeOf(error) !== 'not-found') throw error;
        });
    };
    queue.current = queue.current.then(keep).catch((error: unknown) => {
      setGiven((all) => ({ ...all, [key]: before }));
      setProblem({ message: msg('The rating could not be kept: {{why}}'), values: { why: problemOf(error).message } });
    });
  };
  const latest = useRef(rate);
  useEffect(() => {
    latest.current = rate;
  });
  return {
    ratings: useStable(ratings),
    rate: useCallback((lane: string, rating: Rating | undefined) => latest.current(lane, rating), []),
    /** Lanes that run again: their ratings were of the captions before, and go where those go. */
    forget: useCallback(
      (ids: readonly string[]) =>
        setGiven((all) => ({
          ...all,
          ...Object.fromEntries(
            ids.flatMap((lane) => [
              ...(serverId === undefined ? [] : [[keyOf({ where: 'server', id: serverId }, lane), null]]),
              ...(localId === undefined ? [] : [[keyOf({ where: 'local', id: localId }, lane), null]]),
            ]),
          ),
        })),
      [localId, serverId],
    ),
    problem,
  };
}

const keyOf = ({ where, id }: Place, lane: string) => `${where} ${id} ${lane}`;

/** The same object while its content is the same, so that what shows it is drawn again only then. */
function useStable(ratings: Ratings): Ratings {
  const text = JSON.stringify(ratings);
  return useMemo(() => JSON.parse(text) as Ratings, [text]);
}
