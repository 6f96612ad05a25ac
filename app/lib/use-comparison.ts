'use client';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import type { ComparisonView, CreateComparison, StreamItem } from '@/server/trpc/types';
import { errorText, useStudioClient } from './client';
import { applyItem, type ComparisonState, fromView } from './lane-state';

type Picture = ComparisonView['image'];
type Shown = { state: ComparisonState; picture: Picture; input: ComparisonView['input'] };
type Action = { kind: 'view'; view: ComparisonView } | { kind: 'items'; items: StreamItem[] } | { kind: 'none' };

function reduce(shown: Shown | undefined, action: Action): Shown | undefined {
  if (action.kind === 'view') return { state: fromView(action.view), picture: action.view.image, input: action.view.input };
  if (action.kind === 'none') return undefined;
  return shown && { ...shown, state: action.items.reduce(applyItem, shown.state) };
}

/** The comparison at `id`: loaded, then followed while it runs. Items that arrive together are drawn together. */
export function useComparison(initialId?: string) {
  const client = useStudioClient();
  const [id, setId] = useState(initialId);
  const [shown, dispatch] = useReducer(reduce, undefined);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const waiting = useRef<StreamItem[]>([]);

  useEffect(() => {
    if (!id) return;
    let gone = false;
    let stop: (() => void) | undefined;
    let frame = 0;
    const flush = () => {
      frame = 0;
      dispatch({ kind: 'items', items: waiting.current.splice(0) });
    };
    client.comparison.get
      .query({ id })
      .then((view) => {
        if (gone) return;
        dispatch({ kind: 'view', view });
        if (view.status !== 'queued' && view.status !== 'running') return;
        const subscription = client.comparison.events.subscribe(
          { id, lastEventId: view.lastEventId },
          {
            onData: ({ data }) => {
              waiting.current.push(data);
              if (data.kind === 'ended') stop?.();
              frame ||= requestAnimationFrame(flush);
            },
            onError: (error) => !gone && setProblem(errorText(error)),
          },
        );
        stop = () => subscription.unsubscribe();
      })
      .catch((error: unknown) => !gone && setProblem(errorText(error)));
    return () => {
      gone = true;
      stop?.();
      cancelAnimationFrame(frame);
      waiting.current = [];
    };
  }, [client, id]);

  /** Makes a comparison and follows it. @throws Error of the server */
  const start = useCallback(
    async (request: CreateComparison): Promise<string> => {
      setProblem(undefined);
      setBusy(true);
      try {
        const created = await client.comparison.create.mutate(request);
        setId(created.id);
        return created.id;
      } finally {
        setBusy(false);
      }
    },
    [client],
  );
  /** Follows another comparison, or none. */
  const follow = useCallback((other: string | undefined) => {
    setId(other);
    if (!other) dispatch({ kind: 'none' });
  }, []);
  const cancel = useCallback(async () => {
    if (!id) return;
    await client.comparison.cancel.mutate({ id }).catch((error: unknown) => setProblem(errorText(error)));
  }, [client, id]);

  return { id, shown, problem, setProblem, busy, start, follow, cancel };
}
