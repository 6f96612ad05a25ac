import { useTranslation } from '../languages/use-translation';
import type { WordMark } from '../views/words';

const markOf = ({ binding, shared }: WordMark, of: number) =>
  binding ? 'v-binding' : shared === of ? 'v-all' : shared > 1 ? 'v-some' : 'v-alone';

/** A caption with how many of all captions say each of its words. */
export function SharedWords({ marks, of }: { marks: readonly WordMark[]; of: number }) {
  const { t } = useTranslation();
  if (of < 2) return <span lang="en">{marks.map(({ text }) => text).join(' ')}</span>;
  return (
    <>
      {marks.map((mark, i) => (
        <span key={i} lang="en">
          <span
            className={markOf(mark, of)}
            title={
              mark.binding
                ? undefined
                : mark.shared === 1
                  ? t('Only this caption says it')
                  : t('{{shared}} of {{count}} captions say it', { shared: mark.shared, count: of })
            }
          >
            {mark.text}
          </span>{' '}
        </span>
      ))}
    </>
  );
}

/** What the marks mean. */
export function SharedLegend() {
  const { t } = useTranslation();
  return (
    <p className="v-legend">
      {t('Words of the captions:')} <span className="v-all">{t('all say it')}</span>{' '}
      <span className="v-some">{t('several say it')}</span> <span className="v-alone">{t('one alone says it')}</span>
    </p>
  );
}
