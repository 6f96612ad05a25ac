import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, shownTokens } from './film';

/** Every token with its probability, entropy, cosine and what else could have been said. */
export function TokenTable({
  lane,
  onBranch,
}: {
  lane: LaneFilm;
  onBranch?: (at: number, alternative: number) => void;
}) {
  const { t } = useTranslation();
  const { decimals, percent } = useNumbers();
  const tokens = shownTokens(lane);
  if (!tokens.length)
    return (
      <p className="v-note">
        {lane.steps.at(-1)?.whole
          ? t('While whole captions compete, no single tokens are told; they follow with the caption that wins.')
          : t('No tokens yet.')}
      </p>
    );
  return (
    <div className="v-scroll" tabIndex={0} role="region" aria-label={t('Tokens and their alternatives')}>
      <table className="v-table v-token-table">
        <colgroup>
          <col className="v-col-first" />
          <col className="v-col" span={3} />
          <col className="v-col-token" span={8} />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">{t('token')}</th>
            <th scope="col" className="v-number">
              p
            </th>
            <th
              scope="col"
              className="v-number"
              title={t('Entropy in nats of the distribution that the token was chosen from')}
            >
              {t('entropy')}
            </th>
            <th scope="col" className="v-number" title={t('Cosine of the caption up to here and the input')}>
              {t('cos')}
            </th>
            <th scope="col" colSpan={8}>
              {t('alternatives')}
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token, at) => (
            <tr key={at}>
              <th scope="row" lang={token.end ? undefined : 'en'}>
                {token.end ? t('■ end') : token.text.trim() || '␣'}
                {token.forced && (
                  <span className="v-note" title={t('Given, not chosen')}>
                    {' '}
                    <span aria-hidden>◂</span>
                    <span className="v-hidden">{t('given')}</span>
                  </span>
                )}
              </th>
              <td className="v-number">{percent(Math.exp(token.logProb))}</td>
              <td className="v-number">{decimals(token.entropy, 2)}</td>
              <td className="v-number">{decimals(token.similarity, 3)}</td>
              {token.alternatives.map(({ id, text, logProb }) => (
                <td key={id} lang="en" className={id === token.id ? 'v-taken' : undefined}>
                  {onBranch && id !== token.id && text ? (
                    <button
                      type="button"
                      className="v-link v-alternative"
                      onClick={() => onBranch(at, id)}
                      title={t('{{word}}: continue from here in a new lane', { word: text.trim() })}
                    >
                      {text.trim() || '␣'}
                    </button>
                  ) : (
                    <span className="v-alternative" title={text.trim()}>
                      {text.trim() || (text ? '␣' : '■')}
                    </span>
                  )}{' '}
                  <span className="v-numbers">{percent(Math.exp(logProb))}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
