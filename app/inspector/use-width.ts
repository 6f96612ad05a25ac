import { type RefObject, useEffect, useState } from 'react';

/** The inner width of an element in CSS pixels, as it changes; `first` until it is measured. */
export function useWidth(element: RefObject<HTMLElement | null>, first: number): number {
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const watched = element.current;
    if (!watched) return;
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.round(entry!.contentRect.width);
      if (measured > 0) setWidth(measured);
    });
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
