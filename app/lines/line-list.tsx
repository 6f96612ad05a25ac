import { ArrowDown, ArrowUp } from 'lucide-react';
import type { KeyboardEventHandler, ReactNode } from 'react';
import { useTranslation } from '../languages/use-translation';
import { type Column, nextSort, type Sort } from './columns';

/** Lanes as lines under one head, by whose columns they are sorted. */
export function LineList({
  columns,
  sort,
  onSort,
  onKeyDown,
  children,
}: {
  columns: readonly Column[];
  sort?: Sort;
  /** Without it the order is not the person's to choose. */
  onSort?: (sort: Sort | undefined) => void;
  onKeyDown?: KeyboardEventHandler<HTMLElement>;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <div className="v-lines-place">
      <div
        role="table"
        aria-label={t('All lanes compared')}
        className="v-lines"
        data-testid="lanes"
        style={{ '--columns': columns.length } as React.CSSProperties}
        onKeyDown={onKeyDown}
      >
        <div role="row" className="v-lines-head">
          <span role="columnheader" className="v-line-name">
            {t('lane')}
          </span>
          <span role="columnheader" className="v-line-state">
            {t('state')}
          </span>
          <span className="v-line-numbers">
            {columns.map((column) => (
              <ColumnHead key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </span>
          <span role="columnheader" className="v-line-menu">
            <span className="v-hidden">{t('More')}</span>
          </span>
          <span role="columnheader" className="v-hidden">
            {t('caption')}
          </span>
          <span role="columnheader" className="v-hidden">
            {t('rating')}
          </span>
        </div>
        {children}
      </div>
    </div>
  );
}

function ColumnHead({
  column,
  sort,
  onSort,
}: {
  column: Column;
  sort: Sort | undefined;
  onSort: ((sort: Sort | undefined) => void) | undefined;
}) {
  const { t } = useTranslation();
  const sorted = onSort && sort?.key === column.key ? sort : undefined;
  const Arrow = sorted?.down ? ArrowDown : ArrowUp;
  return (
    <span
      role="columnheader"
      className="v-number"
      aria-sort={sorted ? (sorted.down ? 'descending' : 'ascending') : 'none'}
    >
      {onSort ? (
        <button type="button" title={t(column.help)} onClick={() => onSort(nextSort(sorted, column))}>
          {sorted && <Arrow size={11} aria-hidden />}
          {t(column.title)}
        </button>
      ) : (
        <span title={t(column.help)}>{t(column.title)}</span>
      )}
    </span>
  );
}
