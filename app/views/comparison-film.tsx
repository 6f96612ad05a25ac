'use client';
import { useMemo, useState } from 'react';
import type { StudioEvent } from '@/models/events';
import { filmLength, filmOf, laneAt } from './film';
import { Inspection } from './inspection';
import { LaneFace } from './lane-face';
import { Player, usePlayer } from './player';
import { Scoreboard } from './scoreboard';
import { useNarrow } from './use-narrow';

/**
 * A stored comparison: every view drawn from its events alone, and the decode as a film, all lanes in step. No server, no model; so it
 * may stand on a page or in a file of its own (with theme.css and views.css). `picture`: an address or data URL.
 */
export function ComparisonFilm({ events, picture }: { events: readonly StudioEvent[]; picture?: string }) {
  const film = useMemo(() => filmOf(events), [events]);
  const player = usePlayer(filmLength(film.lanes));
  const [focus, setFocus] = useState<string>();
  const lanes = film.lanes.map((lane) => laneAt(lane, player.position));
  // On a narrow screen the table tells all lanes at once, before they are swiped through.
  const narrow = useNarrow();
  const space = film.encoded?.space ?? film.family ?? 'its space';
  const board = <Scoreboard lanes={lanes} referee={refereeOf(space)} />;
  return (
    <div className="v-film">
      {picture && (
        // eslint-disable-next-line @next/next/no-img-element
        <img src={picture} alt="The photo that is described" className="v-film-picture" />
      )}
      {narrow && board}
      <div className="v-film-lanes">
        {lanes.map((lane) => (
          <LaneFace key={lane.id} lane={lane} film={lane} focused={lane.id === focus} onFocus={() => setFocus(lane.id)} />
        ))}
      </div>
      {player.length > 0 && <Player player={player} />}
      {!narrow && board}
      <Inspection lanes={lanes} focus={focus} onFocus={setFocus} picture={picture} encodeMs={film.encoded?.ms} />
    </div>
  );
}

/** The one fixed space that scores all lanes, in words. */
export const refereeOf = (space: string) => `cosine in the joint space ${space}, the same for all lanes`;
