'use client';
import { Eye, EyeOff } from 'lucide-react';
import { Switch } from 'radix-ui';
import { bestRated, type Rating, type Ratings } from '@/kept/ratings';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
import { letterOf } from './blind-order';
import type { LaneFilm } from '../views/film';
import { RatingStars } from '../views/rating';

/** Whether names and numbers are hidden. */
export function BlindSwitch({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <label className="v-button" title={t('Hide which decoder said what, to judge captions by their words (B)')}>
      <EyeOff size={15} aria-hidden /> {t('Blind')}
      <Switch.Root
        checked={on}
        onCheckedChange={onChange}
        aria-keyshortcuts="b"
        className="relative h-4.5 w-8 shrink-0 rounded-full border border-quiet bg-page data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Switch.Thumb className="block size-3 translate-x-0.5 rounded-full bg-quiet data-[state=checked]:translate-x-4.5 data-[state=checked]:bg-page" />
      </Switch.Root>
    </label>
  );
}

/** What is hidden, what a rating counts as, and the way out. `known`: names were shown before. */
export function BlindBar({
  known,
  rated,
  captions,
  onReveal,
}: {
  known: boolean;
  rated: number;
  captions: number;
  onReveal: () => void;
}) {
  const { t } = useTranslation();
  return (
    <div
      className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-card px-4 py-2.5 text-sm"
      data-testid="blind-bar"
    >
      <p className="min-w-0 flex-1 basis-64 text-quiet">
        {t('Names, options and numbers are hidden, and the lanes are shuffled.')}{' '}
        {known
          ? t('You have seen the names of this comparison, so ratings of it do not count as blind.')
          : t('Rate the captions, then reveal who said what.')}
      </p>
      {captions > 0 && (
        <>
          <span className="font-mono text-xs text-quiet" data-testid="rated-count">
            {t('{{rated}} of {{captions}} rated', { rated, captions })}
          </span>
          <button
            type="button"
            onClick={onReveal}
            className="flex items-center gap-1.5 rounded-md border border-accent px-3 py-1.5 font-medium"
          >
            <Eye size={15} aria-hidden /> {t('Reveal')}
          </button>
        </>
      )}
    </div>
  );
}

type Props = {
  /** In the order in which they stand. */
  lanes: readonly { id: string }[];
  films: readonly LaneFilm[];
  /** Some of them are still at work. */
  running: boolean;
  ratings: Ratings;
  /** The letter in focus. */
  focus: string | undefined;
  onFocus: (letter: string) => void;
  onRate: (lane: string, stars: number | undefined) => void;
};

/** Lanes without their names, a letter each. */
export function BlindLanes({ lanes, films, running, ratings, focus, onFocus, onRate }: Props) {
  const { t } = useTranslation();
  const best = bestRated(ratings);
  return (
    <ul aria-label={t('Captions without names')} className="v-lines" data-testid="lanes">
      {lanes.map(({ id }, i) => {
        const letter = letterOf(i);
        const film = films.find((each) => each.id === id);
        const caption = running ? undefined : film?.result?.caption;
        return (
          <BlindLine
            key={id}
            letter={letter}
            caption={caption}
            status={running ? 'running' : caption !== undefined ? 'done' : film ? 'failed' : 'idle'}
            rating={caption === undefined ? undefined : ratings[id]}
            best={best === id}
            focused={focus === letter}
            onFocus={() => onFocus(letter)}
            onRate={(stars) => onRate(id, stars)}
          />
        );
      })}
    </ul>
  );
}

type LineProps = {
  letter: string;
  /** Once all lanes are done; before that their speed would tell them apart. */
  caption?: string;
  status: 'idle' | 'running' | 'done' | 'failed';
  rating?: Rating;
  best: boolean;
  focused: boolean;
  onFocus: () => void;
  onRate: (stars: number | undefined) => void;
};
const placeholders = {
  idle: msg('A caption will stand here.'),
  running: msg('Shown when all lanes are done: the order in which they end would tell them apart.'),
  done: '',
  failed: msg('No caption.'),
};

/** A lane without its name: it is given nothing that could tell it. */
function BlindLine({ letter, caption, status, rating, best, focused, onFocus, onRate }: LineProps) {
  const { t } = useTranslation();
  return (
    <li
      aria-labelledby={`lane-${letter}`}
      data-testid={`lane-${letter}`}
      data-status={status}
      data-focused={focused ? '' : undefined}
      className="v-line"
      style={{ '--hue': 'var(--quiet)' } as React.CSSProperties}
      onPointerDown={onFocus}
      onFocus={onFocus}
    >
      <div className="v-line-name">
        <span aria-hidden className="v-mark" style={{ background: 'var(--quiet)' }}>
          {letter}
        </span>
        <h2 id={`lane-${letter}`}>{t('Caption {{letter}}', { letter })}</h2>
      </div>
      <div className="v-line-body">
        <div data-testid="caption" className="v-line-said v-caption">
          {caption === undefined ? (
            <span className="v-idea">{placeholders[status] && t(placeholders[status])}</span>
          ) : caption ? (
            <span lang="en">{caption}</span>
          ) : (
            t('(empty)')
          )}
        </div>
        <div className="v-line-rating">
          <RatingStars
            of={t('caption {{letter}}', { letter })}
            value={rating}
            best={best}
            ready={caption !== undefined}
            onRate={onRate}
          />
        </div>
      </div>
    </li>
  );
}
