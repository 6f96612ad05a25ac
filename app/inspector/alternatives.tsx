import type { KeyboardEvent } from 'react';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import type { ShownToken } from '../views/film';

type Props = {
  token: ShownToken;
  /** The word as it is spoken of. */
  name: string;
  onBranch?: (alternative: number) => void;
  /** Back to the word. @returns whether the focus went there */
  onLeave: () => boolean;
};

/** What else the model could have said, likeliest first. With `onBranch` each but the one taken can be gone on from. */
export function Alternatives({ token, name, onBranch, onLeave }: Props) {
  const { t } = useTranslation();
  const { decimals, percent } = useNumbers();
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('button')];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'Escape' || event.key === 'ArrowLeft') {
      // A sheet that it was entered through closes itself, and gives the focus back.
      if (!onLeave()) return;
    } else if (event.key === 'ArrowDown') rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === 'ArrowUp') rows[Math.max(at - 1, 0)]?.focus();
    else if (event.key === 'Home') rows[0]?.focus();
    else if (event.key === 'End') rows.at(-1)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const most = Math.max(Math.exp(token.logProb), ...token.alternatives.map(({ logProb }) => Math.exp(logProb)));
  return (
    <div onKeyDown={onKey}>
      <p className="v-words-facts">
        <b lang={token.end ? undefined : 'en'}>{name}</b>{' '}
        <span className="v-numbers">
          {token.forced ? `${t('given')} · ` : ''}p {percent(Math.exp(token.logProb))}
          {token.entropy !== undefined && (
            <> · {t('entropy {{number}} nats', { number: decimals(token.entropy, 2) })}</>
          )}
          {token.similarity !== undefined && (
            <> · {t('cos so far {{number}}', { number: decimals(token.similarity, 2) })}</>
          )}
        </span>
      </p>
      {!token.alternatives.length && (
        <p className="v-note">{t('Alternatives are listed once the caption is whole.')}</p>
      )}
      <ol className="v-alternatives">
        {token.alternatives.map(({ id, text, logProb }) => {
          const p = Math.exp(logProb);
          const word = text.trim() || (text ? '␣' : `■ ${t('end')}`);
          const taken = id === token.id;
          const inner = (
            <>
              <span className="v-bar" style={{ width: `${(100 * p) / most}%` }} aria-hidden />
              <span className="v-word" lang={text ? 'en' : undefined}>
                {word}
              </span>
              <span className="v-numbers">{percent(p)}</span>
            </>
          );
          // Nothing can be gone on from after the end.
          const branches = onBranch && !taken && text !== '';
          return (
            <li key={id} className={taken ? 'v-taken' : undefined}>
              {branches ? (
                <button
                  type="button"
                  onClick={() => onBranch(id)}
                  aria-label={t('Continue from {{word}}, {{percent}}', { word, percent: percent(p) })}
                >
                  {inner}
                </button>
              ) : (
                <span className="v-row">
                  {inner}
                  {taken && <span className="v-hidden">{t('taken')}</span>}
                </span>
              )}
            </li>
          );
        })}
      </ol>
      {onBranch && token.alternatives.length > 0 && (
        <p className="v-note">{t('Choose one and the caption goes on from there, in a lane of its own.')}</p>
      )}
    </div>
  );
}
