'use client';
import { Search } from 'lucide-react';
import type { TableQuery } from '@/kept/collections/table';
import { useTranslation } from '../languages/use-translation';

export type Filter = Pick<TableQuery, 'text' | 'trust' | 'disagreement' | 'rating'>;
const field = 'rounded-md border border-line bg-card px-2 py-1.5 text-sm';

/** Which rows are shown: by text, by trust, by how far the lanes are apart. */
export function TableFilter({
  filter,
  lanes,
  onChange,
}: {
  filter: Filter;
  lanes: number;
  onChange: (filter: Filter) => void;
}) {
  const { t } = useTranslation();
  const set = (change: Partial<Filter>) => {
    const { text, trust, disagreement, rating } = { ...filter, ...change };
    onChange({
      ...(text ? { text } : {}),
      ...(trust ? { trust } : {}),
      ...(rating ? { rating } : {}),
      ...(disagreement === undefined ? {} : { disagreement }),
    });
  };
  return (
    <div role="search" className="flex flex-1 flex-wrap items-center gap-2">
      <label className="relative min-w-40 flex-1">
        <span className="sr-only">{t('Search captions and names')}</span>
        <Search size={15} aria-hidden className="absolute top-2.5 left-2.5 text-quiet" />
        <input
          type="search"
          value={filter.text ?? ''}
          onChange={(event) => set({ text: event.target.value.slice(0, 200) })}
          placeholder={t('Search captions and names')}
          className={`${field} w-full pl-8 placeholder:text-quiet`}
        />
      </label>
      <select
        aria-label={t('Trust')}
        value={filter.trust ?? ''}
        onChange={(event) => set({ trust: (event.target.value || undefined) as Filter['trust'] })}
        className={field}
      >
        <option value="">{t('All photos')}</option>
        <option value="likely">{t('Some caption is likely right')}</option>
        <option value="unsure">{t('All captions are unsure')}</option>
        <option value="failed">{t('Something failed')}</option>
      </select>
      <select
        aria-label={t('What you said')}
        value={filter.rating ?? ''}
        onChange={(event) => set({ rating: (event.target.value || undefined) as Filter['rating'] })}
        className={field}
      >
        <option value="">{t('Rated or not')}</option>
        <option value="high">{t('A caption with 4 stars or more')}</option>
        <option value="low">{t('A caption with 2 stars or fewer')}</option>
        <option value="none">{t('No caption is rated')}</option>
        <option value="own">{t('With a caption of your own')}</option>
      </select>
      {lanes > 1 && (
        <select
          aria-label={t('Disagreement')}
          value={filter.disagreement ?? ''}
          onChange={(event) => set({ disagreement: event.target.value ? Number(event.target.value) : undefined })}
          className={field}
        >
          <option value="">{t('However far lanes are apart')}</option>
          <option value="0.5">{t('Lanes share few words')}</option>
          <option value="0.8">{t('Lanes share hardly a word')}</option>
        </select>
      )}
    </div>
  );
}
