'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Problem } from '../languages/problem-text';
import { problemOf } from '../client/client';

/** Where reference captions are kept: with the comparison that is shown. */
export type ReferenceKeeper = {
  /** Names the input on the page; what is typed belongs to it, also when it is run again. */
  key: string | undefined;
  /** Names the comparison; undefined while there is none. */
  target: string | undefined;
  /** What is kept with it; undefined while it is not loaded. */
  kept: readonly string[] | undefined;
  keep: (references: string[]) => Promise<void>;
};
const settleMs = 600;
export const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/**
 * Text of reference captions, one a line, kept with its comparison as it is typed, and there again when that is
 * reopened.
 */
export function useKeptReferences({ key, target, kept, keep }: ReferenceKeeper) {
  const [drafts, setDrafts] = useState<ReadonlyMap<string, string>>(new Map());
  const [problem, setProblem] = useState<Problem>();
  const [written, setWritten] = useState<string>();
  /** What each comparison is known to have. */
  const known = useRef(new Map<string, string>());
  const draft = key === undefined ? undefined : drafts.get(key);
  const text = draft ?? kept?.join('\n') ?? '';
  const latest = useRef(keep);
  useEffect(() => {
    latest.current = keep;
  });
  /** Writes what was typed at once, where it is not written yet. */
  const save = useRef(() => undefined as void);
  useEffect(() => {
    save.current = () => undefined;
    if (target === undefined || draft === undefined || kept === undefined) return;
    const lines = linesOf(draft);
    const wanted = JSON.stringify(lines);
    if ((known.current.get(target) ?? JSON.stringify(kept)) === wanted) return;
    save.current = () => {
      save.current = () => undefined;
      known.current.set(target, wanted);
      latest.current(lines).then(
        () => {
          setProblem(undefined);
          setWritten(`${target} ${wanted}`);
        },
        (error: unknown) => {
          known.current.delete(target);
          setProblem(problemOf(error));
        },
      );
    };
    const now = () => save.current();
    const timer = setTimeout(now, settleMs);
    // A page that is left keeps what was typed.
    window.addEventListener('pagehide', now);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('pagehide', now);
    };
  }, [draft, kept, target]);
  const setText = useCallback(
    (typed: string) => key !== undefined && setDrafts((all) => new Map(all).set(key, typed)),
    [key],
  );
  const flush = useCallback(() => save.current(), []);
  const lines = JSON.stringify(linesOf(text));
  return {
    text,
    setText,
    flush,
    problem,
    isKept:
      target !== undefined &&
      kept !== undefined &&
      (written === `${target} ${lines}` || JSON.stringify(kept) === lines),
  };
}
