import { useTranslation } from '../languages/use-translation';
import type { Column } from './columns';
import { trustHelp } from './line-state';
import { SharedLegend } from './shared-words';

/** What is to be said of the numbers and words above, once for all lines. `space`: where the cosines are. */
export function LinesFoot({ columns, space, words }: { columns: readonly Column[]; space: string; words: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="v-lines-foot">
      {words && <SharedLegend />}
      <details className="v-note v-meanings">
        <summary>
          {t('Referee: {{referee}}.', {
            referee: t('cosine in the joint space {{space}}, the same for all lanes', { space }),
          })}{' '}
          {t('* chosen by this very cosine, so not ranked by it.')}
        </summary>
        <dl>
          {columns.map(({ key, title, help }) => (
            <div key={key}>
              <dt>{t(title)}</dt>
              <dd>{t(help)}</dd>
            </div>
          ))}
          <div>
            <dt>{t('trust')}</dt>
            <dd>{t(trustHelp)}.</dd>
          </div>
        </dl>
      </details>
    </div>
  );
}
