'use client';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { StudioError } from '@/models/errors';
import type { RgbImage } from '@/models/spaces/image';
import type { StreamItem } from '@/server/trpc/types';
import { newLane } from '../views/film';
import { compareInBrowser } from '../engine/client';
import type { DownloadProgress } from '../engine/messages';
import { applyItem, type ComparisonState, emptyComparison } from './lane-state';
import { keepLocal, type LocalComparison, localComparison, type LocalRun } from './local-comparisons';

type States = ComparisonState[];
type Action = { kind: 'show'; runs: readonly LocalRun[] } | { kind: 'items'; run: number; items: readonly StreamItem[] };

function reduce(states: States, action: Action): States {
  if (action.kind === 'show') return action.runs.map(({ lanes, items }) => items.reduce(applyItem, { ...emptyComparison, lanes: lanes.map(newLane) } as ComparisonState));
  return states.map((state, i) => (i === action.run ? action.items.reduce(applyItem, state) : state));
}

/** Lanes that run in this browser: started, followed, cancelled, kept in its storage and shown again by their address. */
export function useLocalRun(initialId?: string) {
  const [comparison, setComparison] = useState<LocalComparison>();
  const [states, dispatch] = useReducer(reduce, []);
  const [download, setDownload] = useState<DownloadProgress>();
  const [problem, setProblem] = useState<string>();
  const controller = useRef<AbortController>(undefined);

  useEffect(() => {
    if (!initialId) return;
    let gone = false;
    localComparison(initialId)
      .then((found) => {
        if (gone) return;
        if (!found) return setProblem('This comparison is kept in the browser that made it, and this is another one (or its storage was cleared).');
        setComparison(found);
        // A run whose page was closed has no end: what is whole stays, the rest was interrupted.
        dispatch({ kind: 'show', runs: found.runs.map((run) => (run.items.at(-1)?.kind === 'ended' ? run : { ...run, items: [...run.items, { kind: 'ended', status: 'interrupted' }] })) });
      })
      .catch((error: unknown) => setProblem(`This browser's storage cannot be read: ${StudioError.from(error).message}`));
    return () => {
      gone = true;
    };
  }, [initialId]);

  useEffect(() => () => controller.current?.abort(), []);

  const cancel = useCallback(() => controller.current?.abort(), []);
  const clear = useCallback(() => {
    controller.current?.abort();
    setComparison(undefined);
    dispatch({ kind: 'show', runs: [] });
  }, []);

  const start = useCallback(async (begun: LocalComparison, image: RgbImage) => {
    controller.current?.abort();
    const mine = (controller.current = new AbortController());
    const { signal } = mine;
    setProblem(undefined);
    setComparison(begun);
    dispatch({ kind: 'show', runs: begun.runs });
    const keep = () => void keepLocal(begun).catch((error: unknown) => setProblem(`The comparison is shown but could not be kept in this browser: ${StudioError.from(error).message}`));
    keep();
    await Promise.all(
      begun.runs.map(async (run, index) => {
        let waiting: StreamItem[] = [];
        let frame = 0;
        const flush = () => {
          frame = 0;
          const items = waiting;
          waiting = [];
          // What a later run has replaced is kept, but no longer drawn.
          if (controller.current === mine) dispatch({ kind: 'items', run: index, items });
        };
        const push = (item: StreamItem) => {
          run.items.push(item);
          waiting.push(item);
          // A hidden tab draws no frames, and its lanes go on.
          if (item.kind === 'ended' || document.hidden) return flush();
          frame ||= requestAnimationFrame(flush);
        };
        const from = performance.now();
        const onDownload = (progress: DownloadProgress) => setDownload(progress.allReceived < progress.allBytes ? progress : undefined);
        const request = { family: begun.family, precision: begun.precision, input: { kind: 'image' as const, image }, lanes: run.lanes, includeEmbedding: true };
        try {
          for await (const event of compareInBrowser(run.device, request, { signal, onDownload })) {
            push({ kind: 'event', at: performance.now() - from, event });
            if (event.type === 'lane-finished' || event.type === 'lane-failed') keep();
          }
          push({ kind: 'ended', status: 'finished' });
        } catch (error) {
          const failure = StudioError.from(error);
          push(failure.code === 'cancelled' || signal.aborted ? { kind: 'ended', status: 'cancelled' } : { kind: 'ended', status: 'failed', error: failure.toData() });
        }
        setDownload(undefined);
        keep();
      }),
    );
  }, []);

  return { comparison, states, download, problem, setProblem, start, cancel, clear };
}
