'use client';
import { useMemo, useState } from 'react';
import type { Frequencies } from '@/kept/frequencies';
import { bestRated, type Ratings } from '@/kept/ratings';
import type { StudioEvent } from '@/models/events';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { Inspector, type Selection } from '../inspector/inspector';
import { useChoices } from '../lines/choices';
import { type Row, rowId, type Said, sortLines } from '../lines/columns';
import { Line } from '../lines/line';
import { PersonLine } from '../lines/person-line';
import { LineList } from '../lines/line-list';
import { LinesBar } from '../lines/lines-bar';
import { LinesFoot } from '../lines/lines-foot';
import { useLines } from '../lines/use-lines';
import { walkLines } from '../lines/walk';
import { filmLength, filmOf, laneAt } from '../views/film';
import { laneTitle } from '../views/looks';
import { Player, usePlayer } from '../views/player';
import { RatingShown } from '../views/rating';
import { scoreAgainst } from '../views/words';

/**
 * A stored comparison: lines and inspector drawn from its events alone, and the decode as a film, all lanes in step. No
 * server, no model; so it may stand on a page or in a file of its own. `picture`: an address or data URL.
 * `references`: captions that people wrote, to score the lanes by; `frequencies`: what CIDEr-D needs of their words,
 * which the studio alone can count. `ratings`: stars that were given, to look at; `said`: what a person says of the
 * photo, among the lines.
 */
export function ComparisonFilm({
  events,
  picture,
  references = [],
  frequencies,
  ratings = {},
  said,
}: {
  events: readonly StudioEvent[];
  picture?: string;
  references?: readonly string[];
  frequencies?: Frequencies;
  ratings?: Ratings;
  said?: readonly Said[];
}) {
  const { t } = useTranslation();
  const film = useMemo(() => filmOf(events), [events]);
  const player = usePlayer(filmLength(film.lanes));
  const [selected, setSelected] = useState<Selection>();
  const { sort, choose } = useChoices();
  const lanes = useMemo(() => film.lanes.map((lane) => laneAt(lane, player.position)), [film.lanes, player.position]);
  const scores = useMemo(
    () =>
      references.length
        ? new Map(
            [
              ...film.lanes.flatMap(({ id, result }) => (result ? [{ id, text: result.caption }] : [])),
              ...(said ?? []),
            ].map(({ id, text }) => [id, scoreAgainst(text, references, frequencies)]),
          )
        : undefined,
    [film.lanes, frequencies, references, said],
  );
  const told = useLines(lanes, scores, ratings, said);
  const all: readonly Row[] = [...told.lines, ...told.said];
  const rows = sort ? sortLines(all, sort) : all;
  const titleOf = (id: string) => laneTitle(film.lanes.find((lane) => lane.id === id) ?? { id, decoder: id });
  const [rated, best] = [Object.keys(ratings).length > 0, bestRated(ratings)];
  // Of the lane that is selected already the word stays.
  const select = (lane: string, word?: number) =>
    setSelected((before) => (word === undefined && before?.lane === lane ? before : { lane, word }));
  return (
    <div className="v-film">
      <div className="v-film-said">
        {picture && (
          // eslint-disable-next-line @next/next/no-img-element
          <img src={picture} alt={t('The photo that is described')} className="v-film-picture" />
        )}
        <LineList columns={told.columns} sort={sort} onSort={(next) => choose({ sort: next })} onKeyDown={walkLines}>
          {rows.map(({ lane, said: one, ...more }) => {
            const id = rowId({ lane, said: one });
            const words = told.marks.get(id);
            const leads = new Set(told.best.get(id)?.split(' '));
            if (!lane)
              return (
                <PersonLine
                  key={id}
                  told={{ ...more, said: one! }}
                  title={t('A person')}
                  from={titleOf}
                  columns={told.columns}
                  best={leads}
                />
              );
            return (
              <Line
                key={id}
                lane={lane}
                told={{ ...more, lane }}
                columns={told.columns}
                best={leads}
                equal={told.equal.get(id)}
                marks={words && { words, of: told.told }}
                focused={id === selected?.lane}
                word={id === selected?.lane ? selected.word : undefined}
                onSelect={(word) => select(id, word)}
                rating={rated && <RatingShown value={ratings[id]} best={best === id} />}
              />
            );
          })}
        </LineList>
        <LinesBar rows={rows} shown={told.columns} sortable />
        {player.length > 0 && <Player player={player} />}
        <LinesFoot
          columns={told.columns}
          space={film.encoded?.space ?? film.family ?? t('its space')}
          words={told.words}
        />
        {references.length > 0 && (
          <ReferencesShown references={references} frequencies={frequencies} family={film.family} />
        )}
      </div>
      <div className="v-inspector-dock">
        <Inspector
          lanes={lanes}
          selected={selected}
          onSelect={setSelected}
          picture={picture}
          encodeMs={film.encoded?.ms}
        />
      </div>
    </div>
  );
}

function ReferencesShown({
  references,
  frequencies,
  family,
}: {
  references: readonly string[];
  frequencies: Frequencies | undefined;
  family: string | undefined;
}) {
  const { t } = useTranslation();
  const { whole } = useNumbers();
  return (
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
                  family,
                }),
              },
            )
          : t('CIDEr-D is left out: no document frequencies are known for it here.')}
      </p>
    </details>
  );
}
