'use client';
import { useRef, useState } from 'react';
import type { Entry } from './entries';

/** Which entries are chosen, one by one or from the last one on (`range`). */
export function useChosen(entries: readonly Entry[]) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string>(undefined);
  return {
    ids: chosen,
    list: chosen.size ? entries.filter(({ id }) => chosen.has(id)) : [],
    choose: (entry: Entry, on: boolean, range: boolean) => {
      const after = new Set(chosen);
      const [from, to] = [entries.findIndex(({ id }) => id === last.current), entries.indexOf(entry)];
      const part = range && from >= 0 ? entries.slice(Math.min(from, to), Math.max(from, to) + 1) : [entry];
      for (const { id } of part) {
        if (on) after.add(id);
        else after.delete(id);
      }
      last.current = entry.id;
      setChosen(after);
    },
    all: () => setChosen(new Set(entries.map(({ id }) => id))),
    none: () => setChosen(new Set()),
  };
}
