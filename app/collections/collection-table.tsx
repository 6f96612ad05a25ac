'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { CollectionCard } from '@/kept/answers';
import type { Measure, TableQuery } from '@/kept/collections/table';
import { problemOf } from '../client/client';
import { msg } from '../languages/msg';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { LaneName } from '../views/lane-mark';
import { measureNames } from './collection-words';
import { MeanRow, useMeans } from './mean-row';
import { OnePhoto } from './one-photo';
import type { Filter } from './table-filter';
import { TableRow } from './table-row';
import { useRows } from './use-rows';

type Sort = NonNullable<TableQuery['sort']>;
const rowHeight = 88;

/**
 * Rows are photos, columns are lanes, a cell is a caption. Only what is seen is drawn and asked for. Arrow keys walk
 * the rows, Enter opens one.
 */
export function CollectionTable({
  card,
  filter,
  sort,
  onSort,
  measure,
}: {
  card: CollectionCard;
  filter: Filter;
  sort: Sort | undefined;
  onSort: (sort: Sort | undefined) => void;
  /** What lanes are sorted by, and shown of each caption. */
  measure: Measure;
}) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<readonly [number, number]>([0, 30]);
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState(false);
  const order = useMemo(() => ({ ...filter, ...(sort ? { sort } : {}) }), [filter, sort]);
  const { rows, fit, pending, error } = useRows(card, order, seen);
  // eslint-disable-next-line react-hooks/incompatible-library -- what it gives is used here alone
  const virtual = useVirtualizer({
    count: fit,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 30];
  useEffect(() => setSeen([first, last]), [first, last]);
  // Another order begins at its beginning.
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    setAt(0);
  }, [order]);

  const columns = `9rem repeat(${Math.max(1, card.lanes.length)}, minmax(12rem, 1fr))${card.lanes.length > 1 ? ' 6rem' : ''}`;
  const go = (to: number) => {
    const bounded = Math.max(0, Math.min(fit - 1, to));
    setAt(bounded);
    virtual.scrollToIndex(bounded);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: fit - 1 }[
      event.key
    ];
    if (to !== undefined) go(to);
    else if (event.key === 'Enter' && rows.has(at)) setOpen(true);
    else return;
    event.preventDefault();
  };
  const heading = { sort, onSort, measure };
  const means = useMeans(card, filter, fit > 1 && card.lanes.length > 0);
  const meansShown = fit > 1 && means;
  if (error)
    return (
      <p role="alert" className="rounded-md border border-danger p-3 text-sm text-danger">
        <ProblemText of={problemOf(error)} />
      </p>
    );
  return (
    <>
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label={t('Captions of the collection')}
        aria-rowcount={fit + 1 + Number(Boolean(meansShown))}
        aria-activedescendant={fit ? `row-${at}` : undefined}
        data-testid="table"
        className="min-h-0 flex-1 overflow-auto rounded-lg border border-line bg-card"
        onKeyDown={onKey}
      >
        <div className="min-w-max">
          <div
            role="row"
            aria-rowindex={1}
            className="sticky top-0 z-10 grid border-b border-line bg-card text-sm"
            style={{ gridTemplateColumns: columns }}
          >
            <Heading by="key" {...heading}>
              {t('photo')}
            </Heading>
            {card.lanes.map((lane) => (
              <Heading key={lane.id} by={measure} lane={lane.id} {...heading}>
                <LaneName lane={lane} />
              </Heading>
            ))}
            {!card.lanes.length && <span role="columnheader" />}
            {card.lanes.length > 1 && (
              <Heading by="disagreement" {...heading}>
                <span title={t(disagreementHelp)}>{t('apart')}</span>
              </Heading>
            )}
          </div>
          <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {items.map(({ index, key, start }) => (
              <div
                key={key}
                id={`row-${index}`}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={index === at}
                onClick={() => setAt(index)}
                onDoubleClick={() => rows.has(index) && setOpen(true)}
                className="absolute inset-x-0 grid border-b border-line bg-card aria-selected:bg-page"
                style={{ transform: `translateY(${start}px)`, height: rowHeight, gridTemplateColumns: columns }}
              >
                <TableRow
                  run={card.id}
                  row={rows.get(index)}
                  apart={card.lanes.length > 1}
                  measure={measure}
                  onOpen={() => {
                    setAt(index);
                    setOpen(true);
                  }}
                />
              </div>
            ))}
          </div>
          {meansShown && <MeanRow lanes={card.lanes} means={means} columns={columns} index={fit + 2} />}
          {!fit && (
            <p className="p-6 text-center text-sm text-quiet">
              {pending
                ? t('Reading the rows …')
                : Object.keys(filter).length
                  ? t('No photo fits what is asked for.')
                  : t('No photo is done yet.')}
            </p>
          )}
        </div>
      </div>
      {open && rows.get(at) && (
        <OnePhoto
          card={card}
          row={rows.get(at)!}
          place={[at, fit]}
          onGo={go}
          onClose={() => setOpen(false)}
          onReturn={() => scroller.current?.focus()}
        />
      )}
    </>
  );
}

const disagreementHelp = msg(
  'How far the captions are apart: 1 less the share of words that two of them have in common, the mean of all pairs',
);

function Heading({
  by,
  lane,
  sort,
  onSort,
  children,
}: {
  by: Sort['by'];
  lane?: string;
  sort: Sort | undefined;
  onSort: (sort: Sort | undefined) => void;
  measure?: Measure;
  children: React.ReactNode;
}) {
  const { t } = useTranslation();
  const mine = sort?.by === by && sort.lane === lane;
  // Large values first, but names from A; then the other way round, then as they lie.
  const first = by !== 'key';
  const next = !mine ? { by, lane, down: first } : sort.down === first ? { by, lane, down: !first } : undefined;
  return (
    <span
      role="columnheader"
      aria-sort={mine ? (sort.down ? 'descending' : 'ascending') : 'none'}
      className={`border-r border-line bg-card last:border-r-0 ${by === 'key' ? 'sticky left-0 z-[2]' : ''}`}
    >
      <button
        type="button"
        title={
          lane === undefined
            ? t('Sort by this column')
            : t('Sort by {{measure}} of this lane’s captions', { measure: measureNames[by as Measure] })
        }
        className="flex min-h-9 w-full items-center gap-1.5 px-2 py-1 text-left font-medium"
        onClick={() => onSort(next && (lane === undefined ? { by: next.by, down: next.down } : { ...next, lane }))}
      >
        {children}
        <span aria-hidden className="text-quiet">
          {mine ? (sort.down ? '↓' : '↑') : ''}
        </span>
      </button>
    </span>
  );
}
