import { type KeyboardEvent, useRef } from 'react';
import { msg } from '../languages/msg';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { isFinal, type LaneFilm, shownTokens } from '../views/film';
import { Alternatives } from './alternatives';

type Props = {
  lane: LaneFilm;
  /** The word that is looked into. */
  word?: number;
  onWord: (at: number) => void;
  onBranch?: (at: number, alternative: number) => void;
  /** Into the alternatives of a word. */
  onEnter: (at: number) => void;
  /** Back to the word. @returns whether it is in here */
  onLeave: () => boolean;
};

/**
 * The words of a caption with their probabilities, beside them what else the model could have said in place of the one
 * that is chosen; below, what else the search found.
 */
export function Words({ lane, word, onWord, onBranch, onEnter, onLeave }: Props) {
  const { t } = useTranslation();
  const { percent } = useNumbers();
  const rows = useRef<(HTMLButtonElement | null)[]>([]);
  const tokens = shownTokens(lane);
  if (!tokens.length) return <p className="v-note">{t(nothingYet(lane))}</p>;
  const last = tokens.length - 1;
  const chosen = word === undefined ? undefined : Math.min(word, last);
  const onKey = (event: KeyboardEvent, at: number) => {
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[event.key];
    if (to !== undefined) rows.current[to]?.focus();
    else if (event.key === 'Enter' || event.key === 'ArrowRight') onEnter(at);
    else return;
    event.preventDefault();
  };
  const token = chosen === undefined ? undefined : tokens[chosen]!;
  const name = token && (token.end ? t('the end') : `“${token.text.trim() || '␣'}”`);
  return (
    <div className="v-stack">
      <div className="v-words">
        <div className="v-words-list" role="group" aria-label={t('Words of the caption')}>
          {tokens.map(({ text, end, logProb, forced }, at) => (
            <button
              key={at}
              ref={(element) => {
                rows.current[at] = element;
              }}
              type="button"
              tabIndex={at === (chosen ?? 0) ? 0 : -1}
              aria-current={at === chosen ? 'true' : undefined}
              onFocus={() => onWord(at)}
              onClick={() => onWord(at)}
              onKeyDown={(event) => onKey(event, at)}
            >
              <span className="v-bar" style={{ width: `${100 * Math.exp(logProb)}%` }} aria-hidden />
              <span className="v-word" lang={end ? undefined : 'en'}>
                {end ? t('■ end') : text.trim() || '␣'}
              </span>
              {forced && (
                <span className="v-quiet" title={t('Given, not chosen')}>
                  <span aria-hidden>◂</span>
                  <span className="v-hidden">{t('given')}</span>
                </span>
              )}
              <span className="v-numbers">{percent(Math.exp(logProb))}</span>
            </button>
          ))}
        </div>
        <div
          className="v-words-alternatives"
          role="group"
          tabIndex={-1}
          aria-label={name ? t('Alternatives to {{word}}', { word: name }) : t('Alternatives')}
        >
          {token && chosen !== undefined ? (
            <Alternatives
              // What was pressed before belongs to another word.
              key={`${lane.id} ${chosen}`}
              token={token}
              name={name!}
              onBranch={onBranch && ((alternative) => onBranch(chosen, alternative))}
              onLeave={onLeave}
            />
          ) : (
            <p className="v-note">{t('Choose a word to see what else the model could have said.')}</p>
          )}
        </div>
      </div>
      <OtherCaptions lane={lane} />
    </div>
  );
}

/** What else the search found, best first. */
function OtherCaptions({ lane: { result } }: { lane: LaneFilm }) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  if (!result) return null;
  const others = result.nBest.slice(1);
  if (!others.length) return <p className="v-note">{t('The search found no other caption.')}</p>;
  return (
    <section className="v-others">
      <h3>{t('Other captions of the search')}</h3>
      <ol start={2}>
        {others.map(({ caption, similarity }, i) => (
          <li key={i}>
            <span lang="en">{caption || t('(empty)')}</span>{' '}
            <span className="v-numbers">
              {t('cos')} {decimals(similarity, 2)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function nothingYet(lane: LaneFilm): string {
  if (lane.steps.at(-1)?.whole)
    return msg('While whole captions compete, no single tokens are told; they follow with the caption that wins.');
  return isFinal(lane.status)
    ? msg('It said no word.')
    : msg('Nothing said yet. Its words stand here one by one once it runs, each with what else could have been said.');
}
