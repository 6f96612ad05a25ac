'use client';
import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { CollectionCard } from '@/kept/answers';
import type { TablePage, TableQuery, TableRow } from '@/kept/collections/table';
import { useStudioClient } from '../client/client';
import { isLive, isOver } from './collection-words';

/** Rows that are asked for at once. */
const pageSize = 100;
const [liveMs, idleMs] = [1_000, 5_000];
/** What was asked for so lately is not asked for again because it comes into view. */
const freshMs = 10_000;

/** How a collection stands, again and again while it is worked on. */
export function useCollection(id: string) {
  const client = useStudioClient();
  return useQuery({
    queryKey: ['collections', 'card', id],
    queryFn: () => client.collection.card.query({ id }),
    // Whoever works on it elsewhere may begin, or go on.
    refetchInterval: ({ state }) => (!state.data || isOver(state.data) ? false : isLive(state.data) ? liveMs : idleMs),
  });
}

/**
 * Rows of a collection in an order, those between `first` and `last` and no others: the rest stays on the server.
 * `fit` counts all that fit.
 */
export function useRows(
  card: CollectionCard | undefined,
  order: Omit<TableQuery, 'from' | 'count'>,
  [first, last]: readonly [number, number],
) {
  const client = useStudioClient();
  const queries = useQueryClient();
  // Rows are asked for again when the run is said to have more of them, and once more when it is said to have ended.
  const stands = card && `${card.id} ${card.status} ${card.done}`;
  const before = useRef(stands);
  useEffect(() => {
    if (stands === before.current) return;
    before.current = stands;
    void queries.invalidateQueries({ queryKey: ['collections', 'rows', card?.id] });
  }, [stands, card?.id, queries]);
  const [from, to] = [Math.floor(first / pageSize), Math.floor(Math.max(first, last) / pageSize)];
  const pages = card ? Array.from({ length: to - from + 1 }, (_, n) => from + n) : [];
  const asked = useQueries({
    queries: pages.map((page) => ({
      queryKey: ['collections', 'rows', card!.id, order, page],
      queryFn: (): Promise<TablePage> =>
        client.collection.rows.query({ id: card!.id, query: { ...order, from: page * pageSize, count: pageSize } }),
      staleTime: freshMs,
      placeholderData: keepPreviousData,
    })),
  });
  const rows = new Map<number, TableRow>();
  asked.forEach(({ data, isPlaceholderData }, n) => {
    if (!isPlaceholderData || pages.length === 1)
      data?.rows.forEach((row, i) => rows.set(pages[n]! * pageSize + i, row));
  });
  const told = asked.find(({ data }) => data)?.data;
  // Who leaps to rows that are on their way has not come to the end: how many there are was told before. A table that
  // became shorter by that would leap back, and again.
  const [counted, setCounted] = useState<{ order: unknown; fit: number; all: number }>();
  if (told && (counted?.order !== order || counted.fit !== told.fit || counted.all !== told.all))
    setCounted({ order, fit: told.fit, all: told.all });
  const counts = told ?? (counted?.order === order ? counted : undefined);
  return {
    rows,
    fit: counts?.fit ?? 0,
    all: counts?.all ?? 0,
    pending: asked.some(({ isPending }) => isPending),
    error: asked.find(({ error }) => error)?.error ?? undefined,
  };
}
