'use client';
import { SearchX } from 'lucide-react';
import Link from 'next/link';
import { useDeferredValue, useState } from 'react';
import type { TableQuery } from '@/kept/collections/table';
import { codeOf, problemOf } from '../client/client';
import { mainAction, NothingHere } from '../controls/nothing-here';
import { Header } from '../frame/header';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { CollectionActions } from './collection-actions';
import { CollectionTable } from './collection-table';
import { collectionName, farText, statusWords } from './collection-words';
import { TableFilter } from './table-filter';
import { useCollection } from './use-rows';

/** One collection: how it stands, what of it is shown, and its table. */
export function CollectionView({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data: card, error } = useCollection(id);
  const [filter, setFilter] = useState<Pick<TableQuery, 'text' | 'trust' | 'disagreement'>>({});
  const [sort, setSort] = useState<TableQuery['sort']>();
  // Typing goes on while the rows come.
  const asked = useDeferredValue(filter);
  if (error && codeOf(error) === 'not-found')
    return (
      <div className="min-h-dvh">
        <Header device="" skip={{ to: '#collection', what: t('Skip to the message') }} />
        <div id="collection" tabIndex={-1}>
          <NothingHere
            icon={SearchX}
            title={t('There is no such collection')}
            actions={
              <Link href="/collections" className={mainAction}>
                {t('Collections')}
              </Link>
            }
          >
            <p>
              {t('It may have been forgotten: what nobody worked on for a month is. Or it belongs to somebody else.')}
            </p>
          </NothingHere>
        </div>
      </div>
    );
  return (
    <div className="flex h-dvh flex-col">
      <Header device="" skip={{ to: '#collection', what: t('Skip to the table') }} />
      <main id="collection" tabIndex={-1} className="flex min-h-0 flex-1 flex-col gap-2 p-3">
        {error && (
          <p role="alert" className="rounded-md border border-danger p-3 text-sm text-danger">
            <ProblemText of={problemOf(error)} />
          </p>
        )}
        {card && (
          <>
            <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
              <h1 className="min-w-0 text-lg font-semibold tracking-tight break-words">{collectionName(card, t)}</h1>
              <p className="text-sm text-quiet" role="status" data-testid="far">
                {t(statusWords[card.status])} · {farText(card, t)}
              </p>
              {card.status === 'interrupted' || card.status === 'paused' ? (
                <p className="text-sm text-quiet">{t('The command that began it goes on with --resume.')}</p>
              ) : null}
              <span className="ml-auto">
                <CollectionActions card={card} />
              </span>
            </div>
            {card.error && (
              <p className="text-sm text-danger">
                <ProblemText of={card.error} />
              </p>
            )}
            <TableFilter filter={filter} lanes={card.lanes.length} onChange={setFilter} />
            <CollectionTable card={card} filter={asked} sort={sort} onSort={setSort} />
          </>
        )}
      </main>
    </div>
  );
}
