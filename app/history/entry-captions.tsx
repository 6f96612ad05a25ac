import { EyeOff, GitBranch, Star, UserRound } from 'lucide-react';
import type { Rating } from '@/kept/ratings';
import { ratedText } from '../languages/rated';
import { useTranslation } from '../languages/use-translation';
import { LaneMark } from '../views/lane-mark';
import type { Entry } from './entries';
import { statusWords } from './status-words';

/** What the lanes of an entry said, and what the person says. `hidden`: no lane's name is shown. */
export function EntryCaptions({ lanes, said, hidden }: Pick<Entry, 'lanes' | 'said'> & { hidden: boolean }) {
  const { t } = useTranslation();
  return (
    <ul className="min-w-0 flex-1 space-y-1 text-sm">
      {lanes.map((lane) => (
        <li key={lane.id} className="flex min-w-0 items-start gap-2">
          {!hidden && (
            <>
              <LaneMark decoder={lane.decoder} />
              <span className="sr-only">{lane.id}: </span>
              {lane.branch && <Branch />}
            </>
          )}
          {lane.caption === null ? (
            <span className="text-quiet">
              {lane.status === 'finished' ? t('(empty)') : t(statusWords[lane.status] ?? lane.status)}
            </span>
          ) : (
            <span lang="en" className="line-clamp-3 [overflow-wrap:anywhere] sm:line-clamp-1">
              {lane.caption || t('(empty)')}
            </span>
          )}
          {lane.rating && <Stars rating={lane.rating} />}
        </li>
      ))}
      {said.map((text, i) => (
        <li key={`said ${i}`} className="flex min-w-0 items-start gap-2" data-testid="entry-said">
          <UserRound size={14} aria-hidden className="mt-0.5 shrink-0" />
          <span className="sr-only">{t('Your caption')}: </span>
          <span dir="auto" className="line-clamp-3 [overflow-wrap:anywhere] sm:line-clamp-1">
            {text}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** A person chose how its caption begins. */
function Branch() {
  const { t } = useTranslation();
  return (
    <span
      className="flex shrink-0 items-center gap-1 pt-0.5 text-xs text-quiet"
      title={t('It goes on from words that a person chose.')}
    >
      <GitBranch size={12} aria-hidden /> {t('branch')}
    </span>
  );
}

/** How many, in little room. */
function Stars({ rating }: { rating: Rating }) {
  const { t } = useTranslation();
  return (
    <span
      className="ml-auto flex shrink-0 items-center gap-1 pt-0.5 font-mono text-xs text-quiet"
      title={ratedText(t, rating)}
    >
      {rating.blind && <EyeOff size={12} aria-hidden />}
      <span aria-hidden>{rating.stars}</span>
      <Star size={12} aria-hidden className="fill-current" />
      <span className="sr-only">{ratedText(t, rating)}</span>
    </span>
  );
}
