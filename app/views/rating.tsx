import { EyeOff, Star } from 'lucide-react';
import { useId } from 'react';
import { type Rating, starChoices, starWords } from '@/kept/ratings';
import { ratedText } from '../languages/rated';
import { useTranslation } from '../languages/use-translation';

type Props = {
  /** What the lane is called. */
  of: string;
  value?: Rating;
  /** It alone has the most stars of its comparison. */
  best?: boolean;
  /** There is a caption to rate. */
  ready: boolean;
  /** Undefined takes the rating away. */
  onRate: (stars: number | undefined) => void;
};

/**
 * Stars to give a caption: a group of radio buttons, by arrow keys or 1 … 5; the same once more, or Delete, takes them
 * away.
 */
export function RatingStars({ of, value, best, ready, onRate }: Props) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="v-rating">
      <fieldset
        role="radiogroup"
        aria-label={t('Rating of {{lane}}', { lane: of })}
        aria-describedby={`${id}-how`}
        disabled={!ready}
        className="v-stars v-stars-given"
        onKeyDown={(event) => {
          const stars = Number(event.key);
          if (event.key === 'Delete' || event.key === 'Backspace') onRate(undefined);
          else if (event.key.trim() && starChoices.some((choice) => choice === stars)) {
            onRate(value?.stars === stars ? undefined : stars);
            event.currentTarget.querySelectorAll<HTMLElement>('input')[stars - 1]?.focus();
          } else return;
          event.preventDefault();
        }}
      >
        {starChoices.map((stars) => (
          <label
            key={stars}
            title={t('{{stars}} of 5: {{word}}', { stars, word: t(starWords[stars - 1]!) })}
            data-on={value !== undefined && stars <= value.stars ? '' : undefined}
          >
            <input
              type="radio"
              name={id}
              value={stars}
              aria-label={t('{{stars}} of 5, {{word}}', { stars, word: t(starWords[stars - 1]!) })}
              checked={value?.stars === stars}
              onChange={() => onRate(stars)}
              // The one that is chosen already tells no change.
              onClick={() => value?.stars === stars && onRate(undefined)}
            />
            <Star size={18} aria-hidden />
          </label>
        ))}
        {value?.blind && <Blind />}
      </fieldset>
      <p className="v-rating-said" data-testid="rating" data-rated={value ? '' : undefined}>
        {value ? <Said value={value} best={best} /> : ready ? t('not rated') : ''}
      </p>
      <span id={`${id}-how`} className="v-hidden">
        {t('The same once more, or Delete, takes the rating away.')}
      </span>
    </div>
  );
}

/** Stars that were given, to look at. */
export function RatingShown({ value, best }: { value?: Rating; best?: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="v-rating" data-testid="rating-shown">
      {value && (
        <>
          <span role="img" aria-label={ratedText(t, value)} className="v-stars">
            {starChoices.map((stars) => (
              <span key={stars} data-on={stars <= value.stars ? '' : undefined}>
                <Star size={18} aria-hidden />
              </span>
            ))}
            {value.blind && <Blind />}
          </span>
          <p className="v-rating-said" aria-hidden={!best} data-rated="">
            <Said value={value} best={best} />
          </p>
        </>
      )}
    </div>
  );
}

function Said({ value, best }: { value: Rating; best?: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      {t('{{stars}} of 5, {{word}}', { stars: value.stars, word: t(starWords[value.stars - 1]!) })}
      {best && <strong>, {t('best')}</strong>}
    </>
  );
}

function Blind() {
  const { t } = useTranslation();
  return (
    <span className="v-blind" title={t('Given blind: names and numbers were hidden')}>
      <EyeOff size={14} aria-hidden />
      <span className="v-hidden">{t('given blind')}</span>
    </span>
  );
}
