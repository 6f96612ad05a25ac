'use client';
import { Check, Pencil, Play, RotateCw, Square } from 'lucide-react';
import { memo, useMemo } from 'react';
import type { Rating } from '@/kept/ratings';
import { useTranslation } from '../languages/use-translation';
import type { Column } from '../lines/columns';
import { Line } from '../lines/line';
import { endOf, isFinal, type LaneFilm } from '../views/film';
import { RatingStars } from '../views/rating';
import { WordChanges } from '../views/changed-words';
import type { ReferenceScores, WordMark } from '../views/words';
import { LaneMenu, type LaneMenuProps } from './lane-menu';

type Props = Omit<LaneMenuProps, 'running' | 'says'> & {
  film?: LaneFilm;
  scores?: ReferenceScores;
  rating?: Rating;
  /** It alone has the most stars. */
  bestRated: boolean;
  /** The person says the same. */
  accepted: boolean;
  columns: readonly Column[];
  /** The columns that it leads: their keys, separated by spaces. */
  best: string;
  equal?: string;
  /** Its words by how many of `told` captions say each, where that is drawn. */
  words?: readonly WordMark[];
  told: number;
  /** What it said in its run before. */
  before?: string;
  /** Its letter while its name was hidden. */
  was?: string;
  focused: boolean;
  /** The word of it that is looked into. */
  word?: number;
};

/** A lane of the page as a line. Drawn again only when it changed: eight of them stream at once. */
export const LaneLine = memo(function LaneLine(props: Props) {
  const {
    film,
    scores,
    rating,
    bestRated,
    accepted,
    best,
    words,
    told: captions,
    columns,
    equal,
    before,
    was,
    ...rest
  } = props;
  const { focused, word, ...menu } = rest;
  const { config, title, ready, actions } = menu;
  const { t } = useTranslation();
  const running = film !== undefined && !isFinal(film.status);
  const told = useMemo(() => film && { lane: film, scores, rating }, [film, rating, scores]);
  const leads = useMemo(() => new Set(best.split(' ')), [best]);
  const marks = useMemo(() => words && { words, of: captions }, [captions, words]);
  const result = film && endOf(film);
  const said = !running && Boolean(result?.caption || film?.caption);
  return (
    <Line
      lane={config}
      told={told}
      title={title}
      columns={columns}
      best={leads}
      equal={equal}
      marks={marks}
      was={was}
      focused={focused}
      word={word}
      onSelect={(at) => actions.select(config.id, at)}
      rating={
        running ? (
          <button
            type="button"
            className="v-line-stop"
            aria-label={t('Stop {{title}}', { title })}
            onClick={() => actions.stop(config.id)}
          >
            <Square size={13} aria-hidden /> {t('Stop')}
          </button>
        ) : (
          result && (
            <RatingStars
              of={title}
              value={rating}
              best={bestRated}
              ready
              onRate={(stars) => actions.rate(config.id, stars)}
            />
          )
        )
      }
      tools={
        said && (
          <>
            {result?.caption && (
              <button
                type="button"
                className="v-line-tool"
                aria-pressed={accepted}
                aria-label={t('Accept what {{title}} says', { title })}
                title={accepted ? t('Accepted; press to take it back') : t('Accept it as your caption')}
                onClick={() => actions.accept(config.id)}
              >
                <Check size={14} aria-hidden />
              </button>
            )}
            <button
              type="button"
              className="v-line-tool"
              aria-label={t('Edit what {{title}} says', { title })}
              title={t('Make a caption of your own of it')}
              onClick={() => actions.write(config.id)}
            >
              <Pencil size={14} aria-hidden />
            </button>
          </>
        )
      }
      menu={
        <LaneMenu {...menu} running={running} says={said ? { accepted, whole: Boolean(result?.caption) } : undefined} />
      }
      remedy={
        ready && (
          <button
            type="button"
            className="v-button v-remedy"
            aria-label={film ? t('Run {{title}} again', { title }) : t('Run {{title}} alone', { title })}
            onClick={() => actions.run(config)}
          >
            {film ? <RotateCw size={13} aria-hidden /> : <Play size={13} aria-hidden />}
            {film ? t('Try again') : t('Run it')}
          </button>
        )
      }
    >
      {before !== undefined && result && !film.replay && <WordChanges before={before} after={result.caption} />}
    </Line>
  );
});
