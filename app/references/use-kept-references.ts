'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf } from '../client/client';
import { pathOf } from '../comparisons/address';
import type { Comparison } from '../comparisons/comparison';
import type { Problem } from '../languages/problem-text';

/** Where reference captions are kept: with the comparison that is shown. */
export type ReferenceKeeper = {
  /** Names the input on the page; what is typed belongs to it, also when it is run again. */
  key: string | undefined;
  comparison: Comparison | undefined;
  /** What is kept with it; undefined while it is not loaded. */
  kept: readonly string[] | undefined;
};
/** What is typed, and the lines that it was made of. */
type Draft = { text: string; before: readonly string[] };
const settleMs = 600;
export const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
const isSame = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((line, i) => line === b[i]);

/**
 * Text of reference captions, one a line, kept with its comparison as it is typed, and there again when that is
 * reopened. What another tab added meanwhile stays, and is shown once the page is looked at again.
 */
export function useKeptReferences({ key, comparison, kept }: ReferenceKeeper) {
  const [drafts, setDrafts] = useState<ReadonlyMap<string, Draft>>(new Map());
  const [problem, setProblem] = useState<Problem>();
  const [written, setWritten] = useState<string>();
  /** What each comparison was last given, and when that is done: one after the other. */
  const sent = useRef(new Map<string, readonly string[]>());
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const target = comparison && pathOf(comparison.address);
  const draft = key === undefined ? undefined : drafts.get(key);
  const text = draft?.text ?? kept?.join('\n') ?? '';
  /** Writes what was typed at once, where it is not written yet. */
  const save = useRef(() => undefined as void);
  useEffect(() => {
    save.current = () => undefined;
    if (!comparison || target === undefined || !draft || kept === undefined) return;
    const lines = linesOf(draft.text);
    if (isSame(sent.current.get(target) ?? kept, lines)) return;
    save.current = () => {
      save.current = () => undefined;
      const before = sent.current.get(target) ?? draft.before;
      sent.current.set(target, lines);
      queue.current = queue.current
        .then(() => comparison.setReferences(lines, before))
        .then(
          () => {
            setProblem(undefined);
            setWritten(`${target} ${JSON.stringify(lines)}`);
          },
          (error: unknown) => {
            sent.current.delete(target);
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
  }, [comparison, draft, kept, target]);
  // What is written is shown as it is kept, once the page is looked at again.
  useEffect(() => {
    if (key === undefined || target === undefined) return;
    const look = () => {
      const given = sent.current.get(target);
      if (document.visibilityState !== 'visible' || !draft || !given || !isSame(linesOf(draft.text), given)) return;
      sent.current.delete(target);
      setDrafts((all) => new Map([...all].filter(([id]) => id !== key)));
    };
    window.addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      window.removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [draft, key, target]);
  const setText = useCallback(
    (typed: string) =>
      key !== undefined &&
      setDrafts((all) => new Map(all).set(key, { text: typed, before: all.get(key)?.before ?? kept ?? [] })),
    [key, kept],
  );
  const flush = useCallback(() => save.current(), []);
  const lines = linesOf(text);
  return {
    text,
    setText,
    flush,
    problem,
    isKept:
      target !== undefined &&
      kept !== undefined &&
      (written === `${target} ${JSON.stringify(lines)}` || isSame(kept, lines)),
  };
}
