import type { LaneConfig } from '../lanes/lane-config';
import type { LaneDevice } from '../lanes/lane-device';
import type { Snapshot } from '../comparisons/snapshot';
import { laneAt, type LaneFilm, newLane } from '../views/film';

/**
 * What each lane of the page did so far, in their order; those that have not begun are left out. One that was asked for
 * and has not begun waits; one of this browser whose weights are on their way loads. `position`: all are wound back to
 * this step.
 */
export function filmsOf(
  bench: readonly LaneConfig[],
  { lanes, running, download }: Pick<Snapshot, 'lanes' | 'running' | 'download'>,
  {
    asked,
    position,
    deviceOf,
  }: { asked: readonly string[]; position: number | undefined; deviceOf: (id: string) => LaneDevice },
): LaneFilm[] {
  return bench.flatMap((config): LaneFilm[] => {
    if (asked.includes(config.id)) return [newLane(config)];
    const film = lanes.find(({ id }) => id === config.id);
    if (!film) return [];
    if (film.status === 'waiting' && running && download && deviceOf(config.id) !== 'server')
      return [
        {
          ...film,
          status: 'loading',
          loading: { what: download.file, done: download.allReceived, total: download.allBytes, bytes: true },
        },
      ];
    return [laneAt(film, position)];
  });
}
