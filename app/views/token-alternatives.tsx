import type { KeyboardEvent } from 'react';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import type { ShownToken } from './film';

type Props = {
  token: ShownToken;
  onBranch?: (alternative: number) => void;
  /** Arrow up from the first. */ onLeave?: () => void;
};

/** What else the model could have said, likeliest first. With `onBranch` each but the one taken can be gone on from. */
export function TokenAlternatives({ token, onBranch, onLeave }: Props) {
  const { t } = useTranslation();
  const { decimals, percent } = useNumbers();
  const onKey = (event: KeyboardEvent<HTMLOListElement>) => {
    const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('button')];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'ArrowDown') buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
    else if (event.key === 'ArrowUp') {
      if (at <= 0) onLeave?.();
      else buttons[at - 1]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const most = Math.max(Math.exp(token.logProb), ...token.alternatives.map(({ logProb }) => Math.exp(logProb)));
  return (
    <>
      <p className="v-numbers">
        {token.forced ? `${t('given')} · ` : ''}p {percent(Math.exp(token.logProb))}
        {token.entropy !== undefined && <> · {t('entropy {{number}} nats', { number: decimals(token.entropy, 2) })}</>}
        {token.similarity !== undefined && (
          <> · {t('cos so far {{number}}', { number: decimals(token.similarity, 2) })}</>
        )}
      </p>
      {!token.alternatives.length && (
        <p className="v-note">{t('Alternatives are listed once the caption is whole.')}</p>
      )}
      <ol className="v-alternatives" onKeyDown={onKey}>
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
                <span className="v-row">{inner}</span>
              )}
            </li>
          );
        })}
      </ol>
      {onBranch && token.alternatives.length > 0 && (
        <p className="v-note">{t('Choose one and the caption goes on from there, in a lane of its own.')}</p>
      )}
    </>
  );
}
