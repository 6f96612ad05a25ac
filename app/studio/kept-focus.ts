import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/** A part of the page whose children change places with `order`: what is in focus there stays so. */
export function useKeptFocus<E extends HTMLElement>(order: unknown): RefObject<E | null> {
  const place = useRef<E>(null);
  const last = useRef<HTMLElement>(undefined);
  useEffect(() => {
    const within = place.current;
    const hear = ({ target }: FocusEvent) => void (last.current = target as HTMLElement);
    within?.addEventListener('focusin', hear);
    return () => within?.removeEventListener('focusin', hear);
  }, []);
  useLayoutEffect(() => {
    // What is moved in the document loses the focus to nobody.
    if (document.activeElement === document.body && last.current?.isConnected)
      last.current.focus({ preventScroll: true });
  }, [order]);
  return place;
}
