'use client';
import { SearchX } from 'lucide-react';
import Link from 'next/link';
import { useDeferredValue, useState } from 'react';
import type { CollectionCard } from '@/kept/answers';
import type { Measure, TableQuery } from '@/kept/collections/table';
import { codeOf, problemOf } from '../client/client';
import { mainAction, NothingHere } from '../controls/nothing-here';
import { Header } from '../frame/header';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { CollectionActions } from './collection-actions';
import { CollectionExport } from './collection-export';
import { CollectionReferences, useScored } from './collection-references';
import { CollectionTable } from './collection-table';
import { collectionName, farText, isLive, measureNames, paceText, statusWords } from './collection-words';
import { type Filter, TableFilter } from './table-filter';
import { useCollection } from './use-rows';

/** One collection: how it stands, what of it is shown, and its table. */
export function CollectionView({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data: card, error } = useCollection(id);
  const [filter, setFilter] = useState<Filter>({});
  const [sort, setSort] = useState<TableQuery['sort']>();
  const [measure, setMeasure] = useState<Measure>();
  const scored = useScored(id);
  const measures: Measure[] = ['similarity', 'stars', ...(scored ? (['ciderD', 'rougeL'] as const) : [])];
  // Where there is something to score against, that is what was asked for.
  const shownMeasure = measure && measures.includes(measure) ? measure : scored ? 'ciderD' : 'similarity';
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
              <Far card={card} />
              <span className="ml-auto flex flex-wrap items-center gap-2">
                {card.lanes.length > 0 && <CollectionExport card={card} />}
                <CollectionActions card={card} open />
              </span>
            </div>
            <Notes notes={card.notes} />
            {card.error && (
              <p className="text-sm text-danger">
                <ProblemText of={card.error} />
              </p>
            )}
            <div className="flex flex-wrap items-center gap-2">
              <TableFilter filter={filter} lanes={card.lanes.length} onChange={setFilter} />
              {card.lanes.length > 0 && (
                <select
                  aria-label={t('What is shown of a caption')}
                  value={shownMeasure}
                  onChange={({ target }) => setMeasure(target.value as Measure)}
                  className="rounded-md border border-line bg-card px-2 py-1.5 text-sm"
                >
                  {measures.map((name) => (
                    <option key={name} value={name}>
                      {name === 'stars' ? t('stars') : measureNames[name]}
                    </option>
                  ))}
                </select>
              )}
            </div>
            {card.lanes.length > 0 && <CollectionReferences card={card} />}
            <CollectionTable card={card} filter={asked} sort={sort} onSort={setSort} measure={shownMeasure} />
          </>
        )}
      </main>
    </div>
  );
}

/** How it stands, for eyes and for whoever listens. */
function Far({ card }: { card: CollectionCard }) {
  const { t } = useTranslation();
  const pace = paceText(card, t, useNumbers());
  const stuck = !card.goesOn && (card.status === 'interrupted' || card.status === 'paused');
  return (
    <>
      <p className="text-sm text-quiet" role="status" data-testid="far">
        {t(statusWords[card.status])} · {farText(card, t)}
      </p>
      {pace && <p className="font-mono text-xs text-quiet tabular-nums">{pace}</p>}
      {stuck && <p className="text-sm text-quiet">{t('The command that began it goes on with --resume.')}</p>}
      {isLive(card) && (
        <progress
          className="order-last block h-1 w-full accent-accent"
          max={card.total}
          value={card.done}
          aria-label={t('Photos that are done')}
        />
      )}
    </>
  );
}

/** What the studio says of how the photos were found. */
function Notes({ notes }: { notes: readonly string[] }) {
  const { t } = useTranslation();
  if (!notes.length) return null;
  return (
    <details className="text-sm text-quiet">
      <summary>{t('{{count}} notes on what was found', { count: notes.length })}</summary>
      <ul className="mt-1 list-disc pl-5">
        {notes.map((note) => (
          <li key={note} className="break-words" lang="en">
            {note}
          </li>
        ))}
      </ul>
    </details>
  );
}
