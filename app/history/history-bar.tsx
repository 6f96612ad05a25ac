import { Trash2, Undo2, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { SearchField } from '../frame/search-field';
import { useTranslation } from '../languages/use-translation';
import { button } from './look';

type Props = {
  typed: string;
  onType: (typed: string) => void;
  /** Those of which some caption is rated, or none is; undefined: all. */
  rated: boolean | undefined;
  onRated: (rated: boolean | undefined) => void;
  /** What is done with those that are chosen. */
  children: ReactNode;
};

/** What of the history is looked for; stays in sight while it is scrolled. */
export function HistoryBar({ typed, onType, rated, onRated, children }: Props) {
  const { t } = useTranslation();
  return (
    <div className="sticky top-0 z-10 -mx-4 mb-3 border-b border-line bg-page px-4 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <SearchField
          label={t('Search captions, titles and notes')}
          placeholder={t('Search captions, titles, notes')}
          typed={typed}
          onType={onType}
        />
        <select
          aria-label={t('Which comparisons')}
          value={rated === undefined ? '' : String(rated)}
          onChange={(event) => onRated(event.target.value === '' ? undefined : event.target.value === 'true')}
          className="rounded-md border border-line bg-card px-2 py-1.5 text-sm"
        >
          <option value="">{t('All')}</option>
          <option value="true">{t('Some caption rated')}</option>
          <option value="false">{t('No caption rated')}</option>
        </select>
        {children}
      </div>
    </div>
  );
}

/** What is done with the entries that are chosen. `exports`: their export. */
export function ChosenTools({
  count,
  deleted,
  exports,
  onRemove,
  onRestore,
  onPurge,
  onNone,
}: {
  count: number;
  deleted: boolean;
  exports: ReactNode;
  onRemove: () => void;
  onRestore: () => void;
  onPurge: () => void;
  onNone: () => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      <span className="text-sm" role="status">
        {t('{{count}} selected', { count })}
      </span>
      {deleted ? (
        <>
          <button type="button" className={button} onClick={onRestore}>
            <Undo2 size={15} aria-hidden /> {t('Restore')}
          </button>
          <button
            type="button"
            className={`${button} border-danger text-danger`}
            onClick={() =>
              window.confirm(t('Delete {{count}} for good? This cannot be undone.', { count })) && onPurge()
            }
          >
            <Trash2 size={15} aria-hidden /> {t('Delete for good')}
          </button>
        </>
      ) : (
        <>
          {exports}
          <button type="button" className={button} onClick={onRemove}>
            <Trash2 size={15} aria-hidden /> {t('Delete')}
          </button>
        </>
      )}
      <button type="button" className={button} onClick={onNone} aria-label={t('Select none')}>
        <X size={15} aria-hidden />
      </button>
    </>
  );
}
