import { useTranslation } from '../languages/use-translation';
import { letterOf } from '../ratings/blind-order';
import type { LaneFilm } from '../views/film';
import { laneTitle } from '../views/looks';

/**
 * The captions for those who hear the page: said once a caption is whole, not for each token, and not while a replay
 * runs. `blind`: names are hidden, and nothing is said before all lanes have ended.
 */
export function Spoken({
  lanes,
  films,
  blind,
}: {
  /** In the order in which they stand. */
  lanes: readonly { id: string }[];
  films: readonly LaneFilm[];
  blind: false | { atWork: boolean };
}) {
  const { t } = useTranslation();
  const blindly = ({ id }: { id: string }, i: number): string => {
    const film = films.find((lane) => lane.id === id && lane.result);
    return !film || (blind && blind.atWork)
      ? ''
      : `${t('Caption {{letter}}', { letter: letterOf(i) })}: ${film.caption}.`;
  };
  const spoken = blind
    ? lanes.map(blindly)
    : films.filter(({ status }) => status === 'done').map((lane) => `${laneTitle(lane)}: ${lane.caption}.`);
  return (
    <p aria-live="polite" className="sr-only">
      {spoken.join(' ')}
    </p>
  );
}
