'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ModelJob } from '@/server/families/types';
import type { Problem } from '../languages/problem-text';
import { problemOf, useStudioClient } from '../client/client';

const key = ['models.list'];
const isOpen = ({ state }: ModelJob) => state === 'waiting' || state === 'running';

/** The catalog and the server's jobs, live: they are the server's, so a reloaded page finds them as they are. */
export function useModels() {
  const client = useStudioClient();
  const queries = useQueryClient();
  const list = useQuery({ queryKey: key, queryFn: () => client.models.list.query() });
  const [live, setLive] = useState<ModelJob[]>();
  const [problem, setProblem] = useState<Problem>();
  const [lost, setLost] = useState(false);
  const ended = useRef<string | undefined>(undefined);

  const refresh = useCallback(() => {
    void queries.invalidateQueries({ queryKey: key });
    // A family more or less: the studio page offers others.
    void queries.invalidateQueries({ queryKey: ['studio.info'] });
  }, [queries]);

  useEffect(() => {
    const subscription = client.models.events.subscribe(undefined, {
      onData: (jobs) => {
        setLost(false);
        setLive(jobs);
        const now = jobs
          .filter((job) => !isOpen(job))
          .map(({ id }) => id)
          .join();
        if (ended.current !== undefined && ended.current !== now) refresh();
        ended.current = now;
      },
      onConnectionStateChange: ({ state }) => setLost(state === 'connecting' && ended.current !== undefined),
      onError: () => setLost(true),
    });
    return () => subscription.unsubscribe();
  }, [client, refresh]);

  /** Does something and shows what went wrong. @returns whether it went well */
  const attempt = useCallback(
    async (work: () => Promise<unknown>): Promise<boolean> => {
      setProblem(undefined);
      try {
        await work();
        return true;
      } catch (error) {
        setProblem(problemOf(error));
        return false;
      } finally {
        refresh();
      }
    },
    [refresh],
  );

  const jobs = live ?? list.data?.jobs ?? [];
  return {
    client,
    view: list.data,
    jobs,
    /** The newest job of a family, open or ended. */
    jobOf: (family: string) => jobs.filter((job) => job.family === family).at(-1),
    loading: list.isPending,
    failure: list.error ? problemOf(list.error) : undefined,
    retry: () => void list.refetch(),
    lost,
    problem,
    clearProblem: () => setProblem(undefined),
    attempt,
  };
}
export type ModelsState = ReturnType<typeof useModels>;
