'use client';
import { useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import type { FamilyCard, StudioInfo } from '@/kept/answers';
import { keepLastFamily, lastFamily } from './last-family';

const never = () => () => undefined;

/**
 * Which family captions: the one that was picked on this page, else that of the comparison that is shown, else the last
 * that was
 * picked in this browser, else the first.
 */
export function useFamily(info: StudioInfo | undefined, shown: string | undefined) {
  const [picked, setPicked] = useState<string>();
  // The server cannot know what this browser keeps.
  const last = useSyncExternalStore(never, lastFamily, () => null);
  const all = useMemo(() => info?.families ?? [], [info]);
  const chosen = useMemo(() => {
    const usable = all.filter(canCaption);
    return (
      [picked, shown, last].map((name) => usable.find((family) => family.name === name)).find(Boolean) ?? usable[0]
    );
  }, [all, last, picked, shown]);
  const choose = useCallback((name: string) => {
    setPicked(name);
    keepLastFamily(name);
  }, []);
  return { all, chosen, choose };
}
export type Families = ReturnType<typeof useFamily>;

export const canCaption = ({ problem, decoders }: FamilyCard) => !problem && decoders.length > 0;
