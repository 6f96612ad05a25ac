'use client';
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import { safeStorage } from '../controls/safe-storage';
import { columns, type Sort, usualColumns } from './columns';

type Choices = {
  /** Columns of numbers, by key. */
  columns: readonly string[];
  sort: Sort | undefined;
  /** Words are drawn by how many captions say them, in place of their probabilities. */
  words: boolean;
};
const usual: Choices = { columns: usualColumns, sort: undefined, words: false };
const known = (key: unknown): key is string => columns.some((column) => column.key === key);

/** What was read of a person's choices, as far as it is still known. */
export function soundChoices(read: unknown): Choices {
  const { columns: chosen, sort, words } = (read ?? {}) as Partial<Record<keyof Choices, unknown>>;
  const { key, down } = (sort ?? {}) as Partial<Record<keyof Sort, unknown>>;
  return {
    columns: Array.isArray(chosen) ? chosen.filter(known) : usual.columns,
    sort: known(key) ? { key, down: down === true } : undefined,
    words: words === true,
  };
}

/** Kept in this browser; where that has no storage, as long as the page. */
export const useChoices = create<Choices & { choose: (change: Partial<Choices>) => void }>()(
  persist((set) => ({ ...usual, choose: (change: Partial<Choices>) => set(change) }), {
    name: 'caption-studio.lines',
    storage: createJSONStorage(safeStorage),
    partialize: ({ columns: chosen, sort, words }) => ({ columns: chosen, sort, words }),
    merge: (read, now) => ({ ...now, ...soundChoices(read) }),
  }),
);
