'use client';
import { useMemo, useState } from 'react';
import type { Frequencies } from '@/kept/frequencies';
import { bestRated, type Ratings } from '@/kept/ratings';
import type { StudioEvent } from '@/models/events';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { Inspector, type Selection } from '../inspector/inspector';
import { filmLength, filmOf, laneAt } from '../views/film';
import { LaneFace } from '../views/lane-face';
import { Player, usePlayer } from '../views/player';
import { RatingShown } from '../views/rating';
import { Scoreboard } from '../views/scoreboard';
import { useNarrow } from '../views/use-narrow';
import { scoreAgainst } from '../views/words';

/**
 * A stored comparison: every view drawn from its events alone, and the decode as a film, all lanes in step. No server,
 * no model; so it
 * may stand on a page or in a file of its own (with theme.css and views.css). `picture`: an address or data URL.
 * `references`: captions that
 * people wrote, to score the lanes by; `frequencies`: what CIDEr-D needs of their words, which the studio alone can
 * count. `ratings`: stars
 * that were given, to look at.
 */
export function ComparisonFilm({
  events,
  picture,
  references = [],
  frequencies,
  ratings = {},
}: {
  events: readonly StudioEvent[];
  picture?: string;
  references?: readonly string[];
  frequencies?: Frequencies;
  ratings?: Ratings;
}) {
  const { t } = useTranslation();
  const { whole } = useNumbers();
  const film = useMemo(() => filmOf(events), [events]);
  const player = usePlayer(filmLength(film.lanes));
  const [selected, setSelected] = useState<Selection>();
  const lanes = film.lanes.map((lane) => laneAt(lane, player.position));
  // On a narrow screen the table tells all lanes at once, before they are swiped through.
  const narrow = useNarrow();
  const scores = references.length
    ? new Map(
        lanes.flatMap(({ id, result }) =>
          result ? [[id, scoreAgainst(result.caption, references, frequencies)] as const] : [],
        ),
      )
    : undefined;
  const [rated, best] = [Object.keys(ratings).length > 0, bestRated(ratings)];
  const space = film.encoded?.space ?? film.family ?? t('its space');
  const board = (
    <Scoreboard
      lanes={lanes}
      scores={scores}
      ratings={ratings}
      referee={t('cosine in the joint space {{space}}, the same for all lanes', { space })}
    />
  );
  return (
    <div className="v-film">
      {picture && (
        // eslint-disable-next-line @next/next/no-img-element
        <img src={picture} alt={t('The photo that is described')} className="v-film-picture" />
      )}
      {narrow && board}
      <div className="v-film-lanes">
        {lanes.map((lane) => (
          <LaneFace
            key={lane.id}
            lane={lane}
            film={lane}
            rating={rated && <RatingShown value={lane.result && ratings[lane.id]} best={best === lane.id} />}
            focused={lane.id === selected?.lane}
            onFocus={() => setSelected((before) => (before?.lane === lane.id ? before : { lane: lane.id }))}
            word={lane.id === selected?.lane ? selected.word : undefined}
            onWord={(word) => setSelected({ lane: lane.id, word })}
          />
        ))}
      </div>
      {player.length > 0 && <Player player={player} />}
      {!narrow && board}
      {references.length > 0 && (
        <details className="v-note">
          <summary>{t('Scored against {{count}} reference captions', { count: references.length })}</summary>
          <ul className="v-references" lang="en">
            {references.map((reference, i) => (
              <li key={i}>{reference}</li>
            ))}
          </ul>
          <p>
            {frequencies
              ? t(
                  'CIDEr-D takes its document frequencies from {{source}}: it ranks captions of this photo, and is not comparable with published figures.',
                  {
                    source: t('the {{sentences}} sentences of {{family}}’s text memory, each as one document', {
                      sentences: whole(frequencies.images),
                      family: film.family,
                    }),
                  },
                )
              : t('CIDEr-D is left out: no document frequencies are known for it here.')}
          </p>
        </details>
      )}
      <Inspector
        lanes={lanes}
        selected={selected}
        onSelect={setSelected}
        picture={picture}
        encodeMs={film.encoded?.ms}
      />
    </div>
  );
}
