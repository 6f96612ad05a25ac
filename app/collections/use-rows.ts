'use client';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import type { CollectionCard } from '@/kept/answers';
import type { TablePage, TableQuery, TableRow } from '@/kept/collections/table';
import { useStudioClient } from '../client/client';
import { isLive } from './collection-words';

/** Rows that are asked for at once. */
const pageSize = 100;
const liveMs = 1_500;

/** How a collection stands, again and again while it is worked on. */
export function useCollection(id: string) {
  const client = useStudioClient();
  return useQuery({
    queryKey: ['collections', 'card', id],
    queryFn: () => client.collection.card.query({ id }),
    refetchInterval: ({ state }) => (state.data && isLive(state.data) ? liveMs : false),
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
  const [from, to] = [Math.floor(first / pageSize), Math.floor(Math.max(first, last) / pageSize)];
  const pages = card ? Array.from({ length: to - from + 1 }, (_, n) => from + n) : [];
  const asked = useQueries({
    queries: pages.map((page) => ({
      queryKey: ['collections', 'rows', card!.id, order, page],
      queryFn: (): Promise<TablePage> =>
        client.collection.rows.query({ id: card!.id, query: { ...order, from: page * pageSize, count: pageSize } }),
      refetchInterval: isLive(card!) ? liveMs : (false as const),
      // What a run said stays; it says more only while somebody works on it.
      staleTime: isLive(card!) ? 0 : Infinity,
      placeholderData: keepPreviousData,
    })),
  });
  const rows = new Map<number, TableRow>();
  asked.forEach(({ data, isPlaceholderData }, n) => {
    if (!isPlaceholderData || pages.length === 1)
      data?.rows.forEach((row, i) => rows.set(pages[n]! * pageSize + i, row));
  });
  const told = asked.find(({ data }) => data)?.data;
  return {
    rows,
    fit: told?.fit ?? 0,
    all: told?.all ?? 0,
    pending: asked.some(({ isPending }) => isPending),
    error: asked.find(({ error }) => error)?.error ?? undefined,
  };
}
