import { type Dispatch, type SetStateAction, useCallback, useRef } from 'react';
import type { Problem } from '../languages/problem-text';
import { problemOf } from '../client/client';
import type { Input, Source } from '../inputs/inputs';
import type { LocalRuns } from '../comparisons/local-runs';
import type { ServerComparisons } from '../comparisons/server-comparisons';

/** Comparisons that were started, with a promise of their end. */
export type Begun = Pick<Input, 'serverId' | 'localId' | 'ranOn'> & { ended: Promise<void> };
export const maxInputs = 60;
export const addressOf = ({ serverId, localId }: Pick<Input, 'serverId' | 'localId'>) =>
  localId === undefined ? `/c/${serverId}` : `/local?id=${localId}`;

type Needs = {
  active: Input | undefined;
  server: ServerComparisons;
  local: LocalRuns;
  setInputs: Dispatch<SetStateAction<Input[]>>;
  setActive: (key: string) => void;
  setProblem: (problem: Problem | undefined) => void;
  patch: (key: string, change: Partial<Input>) => void;
  begin: (source: Source, wanted: undefined) => Promise<Begun>;
  /** The input that is shown has lanes at work. */
  running: boolean;
};

/** Several inputs one after the other, and stopping: whatever had not had its turn then says so. */
export function useTurns({ active, server, local, setInputs, setActive, setProblem, patch, begin, running }: Needs) {
  /**
   * Inputs that wait for those before them; a newer batch, or a stop, ends an older one: what waited then says so and
   * can be run.
   */
  const batch = useRef(0);
  const ofBatch = useRef<Pick<Begun, 'serverId' | 'localId'>>(undefined);
  const setAside = useCallback(() => {
    batch.current++;
    setInputs((all) =>
      all.some(({ waiting }) => waiting)
        ? all.map((input) => (input.waiting ? { ...input, waiting: false, skipped: true } : input))
        : all,
    );
  }, [setInputs]);
  const stopOne = useCallback(
    async ({ serverId, localId }: Pick<Input, 'serverId' | 'localId'>, lane?: string) => {
      if (localId) local.cancel(localId, lane);
      const status = server.shown(serverId)?.state.status;
      // One that was just made has not been heard of yet.
      if (serverId && (status === undefined || status === 'queued' || status === 'running'))
        await server.cancel(serverId, lane);
    },
    [local, server],
  );
  const stop = useCallback(
    async (lane?: string) => {
      if (lane !== undefined) return active && stopOne(active, lane);
      setAside();
      // The one that a batch is at need not be the one that is shown.
      await Promise.all(
        [active, ofBatch.current]
          .filter(
            (each, i, both) =>
              each &&
              both.findIndex((other) => other?.serverId === each.serverId && other?.localId === each.localId) === i,
          )
          .map((each) => stopOne(each!)),
      );
    },
    [active, setAside, stopOne],
  );

  /** Runs inputs one after the other, each in a comparison of its own. */
  const runInTurn = useCallback(
    async (waiting: readonly Input[]) => {
      setProblem(undefined);
      if (running || ofBatch.current) await stop();
      setAside();
      const mine = batch.current;
      const keys = new Set(waiting.map(({ key }) => key));
      setInputs((all) =>
        [
          ...all.map((input) =>
            keys.has(input.key) ? { ...input, waiting: true, skipped: false, problem: undefined } : input,
          ),
          ...waiting
            .filter(({ key }) => !all.some((input) => input.key === key))
            .map((input) => ({ ...input, waiting: true })),
        ].slice(-maxInputs),
      );
      setActive(waiting[0]!.key);
      for (const [i, { key, source }] of waiting.entries()) {
        if (mine !== batch.current) return;
        let mineBegun: Pick<Begun, 'serverId' | 'localId'> | undefined;
        try {
          const { ended, ...begun } = await begin(source!, undefined);
          patch(key, { ...begun, waiting: false, skipped: false });
          ofBatch.current = mineBegun = begun;
          // Stopped while it was being sent.
          if (mine !== batch.current) return await stopOne(begun);
          if (i === 0) window.history.pushState(null, '', addressOf(begun));
          await ended;
        } catch (error) {
          patch(key, { waiting: false, skipped: false, problem: problemOf(error) });
        } finally {
          // A newer batch may have begun another by now.
          if (ofBatch.current === mineBegun) ofBatch.current = undefined;
        }
      }
    },
    [begin, patch, running, setActive, setAside, setInputs, setProblem, stop, stopOne],
  );
  return { setAside, stop, runInTurn };
}
