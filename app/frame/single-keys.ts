'use client';
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import { safeStorage } from '../controls/safe-storage';

/**
 * Whether keys that are a single character do something by themselves. Whoever speaks to the page, or strikes keys by
 * accident, switches them off (WCAG 2.1.4). Kept in this browser.
 */
export const useSingleKeys = create<{ on: boolean; setOn: (on: boolean) => void }>()(
  persist((set) => ({ on: true, setOn: (on: boolean) => set({ on }) }), {
    name: 'caption-studio.single-keys',
    storage: createJSONStorage(safeStorage),
    partialize: ({ on }) => ({ on }),
    merge: (read, now) => ({ ...now, on: (read as { on?: unknown } | undefined)?.on !== false }),
  }),
);

/** Whether a key press is a single character that is to do nothing. */
export const isSwitchedOff = ({ key }: KeyboardEvent): boolean =>
  !useSingleKeys.getState().on && key.trim().length === 1;
