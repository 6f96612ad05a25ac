'use client';
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { Problem } from '../languages/problem-text';
import { codeOf, problemOf, useStudioClient } from '../client/client';
import { changeLocal, forgetLocal, localComparisons } from '../comparisons/local-comparisons';
import { byRating, type Entry, fromBrowser, fromServer, joinRated, merge } from './entries';
import type { HistoryEntry } from '@/kept/answers';

const pageSize = 40;
/** What the server takes in one request. */
const batch = 1_000;
type HistoryPage = { entries: HistoryEntry[] };
export type Undo = { entries: Entry[] };

const known = new WeakMap<HistoryPage, Entry[]>();
/** Entries of a page, made once: what did not change is not drawn again. */
function entriesOf(page: HistoryPage): Entry[] {
  let entries = known.get(page);
  if (!entries) known.set(page, (entries = page.entries.map(fromServer)));
  return entries;
}

/**
 * The history as the page shows it: pages of the server as far as they are loaded, comparisons of this browser among
 * them.
 */
export function useHistory(search: string, deleted: boolean, rated: boolean | undefined) {
  const client = useStudioClient();
  const queries = useQueryClient();
  const [undo, setUndo] = useState<Undo>();
  const [problem, setProblem] = useState<Problem>();
  const server = useInfiniteQuery({
    queryKey: ['history', search, deleted, rated],
    queryFn: ({ pageParam }) =>
      client.history.page.query({
        limit: pageSize,
        deleted,
        ...(rated === undefined ? {} : { rated }),
        ...(search ? { search } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    // Comparing all loaded pages with themselves at each new one would hold a long history up.
    structuralSharing: false,
  });
  const browser = useQuery({
    queryKey: ['history-browser'],
    queryFn: async () => (await localComparisons()).map(fromBrowser),
    retry: false,
  });

  // Either half of a comparison may be the one that is rated.
  const halves = useQuery({
    queryKey: ['history', 'rated halves'],
    queryFn: async () =>
      new Set(joinRated(await client.history.ratings.query(), await localComparisons()).map(({ id }) => id)),
    enabled: rated !== undefined && !deleted && browser.data?.some(({ half }) => half !== undefined) === true,
  });

  const entries = useMemo(() => {
    const local = (browser.data ?? []).filter((entry) => entry.deleted === deleted);
    const merged = merge(server.data?.pages.flatMap(entriesOf) ?? [], local, server.hasNextPage, search);
    return rated === undefined ? merged : byRating(merged, rated, deleted ? undefined : halves.data);
  }, [browser.data, deleted, halves.data, rated, search, server.data, server.hasNextPage]);

  const refresh = useCallback(
    () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['history'] }),
        queries.invalidateQueries({ queryKey: ['history-browser'] }),
      ]),
    [queries],
  );
  const onError = useCallback((error: unknown) => setProblem(problemOf(error)), []);

  const each = async (
    chosen: readonly Entry[],
    onServer: (ids: string[]) => Promise<unknown>,
    here: (id: string) => Promise<unknown>,
  ) => {
    setProblem(undefined);
    const ids = chosen.flatMap(({ parts }) => parts.server);
    for (let at = 0; at < ids.length; at += batch) await onServer(ids.slice(at, at + batch));
    for (const { parts } of chosen) if (parts.browser !== undefined) await here(parts.browser);
    await refresh();
  };
  const remove = useMutation({
    mutationFn: (chosen: readonly Entry[]) =>
      each(
        chosen,
        (ids) => client.history.remove.mutate({ ids }),
        (id) => changeLocal(id, { deletedAt: Date.now() }),
      ),
    onSuccess: (_, chosen) => setUndo({ entries: [...chosen] }),
    onError,
  });
  const restore = useMutation({
    mutationFn: (chosen: readonly Entry[]) =>
      each(
        chosen,
        (ids) => client.history.restore.mutate({ ids }),
        (id) => changeLocal(id, { deletedAt: undefined }),
      ),
    onSuccess: () => setUndo(undefined),
    onError,
  });
  const purge = useMutation({
    mutationFn: (chosen: readonly Entry[]) => each(chosen, (ids) => client.history.purge.mutate({ ids }), forgetLocal),
    onError,
  });
  const edit = useMutation({
    mutationFn: ({ entry, title, note }: { entry: Entry; title: string; note: string }) =>
      each(
        [entry],
        (ids) =>
          Promise.all(
            ids.map((id) =>
              client.history.edit.mutate({ id, title, note }).catch((error: unknown) => {
                // The other half may have been deleted on its own.
                if (entry.address.where === 'server' || codeOf(error) !== 'not-found') throw error;
              }),
            ),
          ),
        (id) => changeLocal(id, { title: title.trim(), note }),
      ),
    onError,
  });
  return {
    entries,
    server,
    browser,
    undo,
    setUndo,
    problem,
    setProblem,
    remove: remove.mutate,
    restore: restore.mutate,
    purge: purge.mutate,
    edit: edit.mutateAsync,
    refresh,
  };
}
