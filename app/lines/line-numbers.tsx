import { minus } from '../languages/numbers';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { endOf } from '../views/film';
import type { Column, Row } from './columns';

/** A line's numbers, one cell a column. Where there is no head above them each says what it is. */
export function LineNumbers({
  told,
  columns,
  best,
}: {
  told?: Row;
  columns: readonly Column[];
  best?: ReadonlySet<string>;
}) {
  const { t } = useTranslation();
  const numbers = useNumbers();
  return (
    <div className="v-line-numbers">
      {columns.map((column) => {
        const value = told && column.value(told);
        const leads = best?.has(column.key);
        const optimised = column.key === 'cos' && told?.lane && endOf(told.lane)?.optimised;
        return (
          <div key={column.key} role="cell" className={`v-number${leads ? ' v-best' : ''}`} data-column={column.key}>
            <span className="v-line-label">{t(column.title)} </span>
            {value === undefined ? '–' : minus(column.show(value, numbers))}
            {optimised && (
              <span title={t('This search chose the caption by the very cosine shown, so the number cannot rank it')}>
                <span aria-hidden>*</span>
                <span className="v-hidden"> {t('optimised')}</span>
              </span>
            )}
            {leads && <span className="v-hidden"> {t('(best)')}</span>}
          </div>
        );
      })}
    </div>
  );
}
