'use client';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { seeded } from '@/models/random';

/**
 * Blind mode: captions without the names and numbers of their lanes, in an order that tells nothing, so that they are
 * judged by their words.
 * Whether it is on is kept in this browser. What was shown by name, what was revealed, and the seed of the order are
 * this tab's, so a
 * reload changes neither, and whoever comes back another day finds another order.
 */
type State = {
  on: boolean;
  seed: number;
  /**
   * Comparisons whose captions stood beside their lanes' names, and their inputs: run again, those give the same
   * captions.
   */
  seen: readonly string[];
  /** Comparisons whose names are shown although the mode is on. */
  revealed: readonly string[];
};
const off: State = { on: false, seed: 0, seen: [], revealed: [] };
const [modeKey, tabKey] = ['caption-studio.blind', 'caption-studio.blind-tab'];
const most = 2_000;
const listeners = new Set<() => void>();
let state: State | undefined;

function read(): State {
  if (state) return state;
  let tab: Partial<State> = {};
  let on = false;
  try {
    on = localStorage.getItem(modeKey) === 'on';
    tab = JSON.parse(sessionStorage.getItem(tabKey) ?? '{}') as Partial<State>;
  } catch {
    // Without storage the mode lasts as long as the page.
  }
  const ids = (list: unknown) => (Array.isArray(list) ? list.filter((id) => typeof id === 'string') : []);
  state = {
    on,
    seed: Number.isInteger(tab.seed) ? tab.seed! : Math.floor(Math.random() * 2 ** 32),
    seen: ids(tab.seen),
    revealed: ids(tab.revealed),
  };
  return state;
}

function write(change: Partial<State>): void {
  const { on, ...tab } = (state = { ...read(), ...change });
  try {
    localStorage.setItem(modeKey, on ? 'on' : 'off');
    sessionStorage.setItem(tabKey, JSON.stringify(tab));
  } catch {
    // As above.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const elsewhere = ({ key }: StorageEvent) => {
    if (key !== modeKey) return;
    state = { ...read(), on: localStorage.getItem(modeKey) === 'on' };
    listener();
  };
  listeners.add(listener);
  window.addEventListener('storage', elsewhere);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', elsewhere);
  };
}

function markSeen(...ids: (string | undefined)[]): void {
  const { seen } = read();
  const after = ids.reduce<readonly string[]>((list, id) => (id === undefined ? list : including(list, id)), seen);
  if (after !== seen) write({ seen: after });
}

/** Id with the others, at most `most`, the oldest forgotten. */
const including = (list: readonly string[], id: string) => (list.includes(id) ? list : [...list, id].slice(-most));

export function useBlindState(): State {
  return useSyncExternalStore(subscribe, read, () => off);
}

/** Whether the names of a comparison are hidden. */
export const isHidden = ({ on, revealed }: State, comparison: string | undefined) =>
  on && (comparison === undefined || !revealed.includes(comparison));

/**
 * Blind mode for the comparison that is shown, of `input`. `captioned`: it has captions on the page, so names beside
 * them are seen.
 */
export function useBlind({
  comparison,
  input,
  captioned,
}: {
  comparison: string | undefined;
  input: string | undefined;
  captioned: boolean;
}) {
  const current = useBlindState();
  const { on, seen, seed } = current;
  const hidden = isHidden(current, comparison);
  useEffect(() => {
    if (captioned && !hidden) markSeen(comparison, input);
  }, [captioned, comparison, hidden, input]);
  const known = [comparison, input].some((id) => id !== undefined && seen.includes(id));
  const setOn = useCallback(
    (wanted: boolean) =>
      write({
        on: wanted,
        ...(wanted && comparison !== undefined ? { revealed: read().revealed.filter((id) => id !== comparison) } : {}),
      }),
    [comparison],
  );
  const reveal = useCallback(
    () => comparison !== undefined && write({ revealed: including(read().revealed, comparison) }),
    [comparison],
  );
  return useMemo(
    () => ({
      on,
      /** Names and numbers are not to be shown. */
      hidden,
      /** Names were shown in this tab, so that a rating is not blind, whatever is hidden now. */
      known,
      setOn,
      reveal,
      /**
       * Lanes as they stand: shuffled while the mode is on, also once revealed, since nothing moves that was placed.
       */
      inOrder: <T extends { id: string }>(lanes: readonly T[]): T[] =>
        on ? blindOrder(lanes, seed, comparison) : [...lanes],
    }),
    [comparison, hidden, known, on, reveal, seed, setOn],
  );
}

/** An order by chance that is the same for the same seed and comparison, and another one for each comparison. Pure. */
export function blindOrder<T extends { id: string }>(lanes: readonly T[], seed: number, comparison = ''): T[] {
  const place = new Map(lanes.map(({ id }) => [id, seeded(hash(`${seed} ${comparison} ${id}`))()]));
  return [...lanes].sort((a, b) => place.get(a.id)! - place.get(b.id)!);
}

/** What a lane is called while its name is hidden. */
export const letterOf = (index: number) => String.fromCharCode(65 + index);

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0)!, 0x01000193);
  return value >>> 0;
}
