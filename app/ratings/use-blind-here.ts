'use client';
import { useSyncExternalStore } from 'react';
import { blindOff, keptBlind, onBlindElsewhere } from './blind-kept';

/** Blind mode as this browser has it, where nothing is compared. */
export const useBlindHere = () =>
  useSyncExternalStore(
    (listener) => onBlindElsewhere(() => listener()),
    keptBlind,
    () => blindOff,
  );
