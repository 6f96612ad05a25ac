import { useEffect, useState } from 'react';

/** Moves the focus to the line of a lane that is about to be drawn. */
export function useFocusOnLine(): (lane: string) => void {
  const [wanted, setWanted] = useState<{ lane: string }>();
  useEffect(() => {
    if (!wanted) return;
    // A menu that closes gives the focus back first.
    const timer = setTimeout(() =>
      document.querySelector<HTMLElement>(`[data-testid="lane-${CSS.escape(wanted.lane)}"]`)?.focus(),
    );
    return () => clearTimeout(timer);
  }, [wanted]);
  return (lane) => setWanted({ lane });
}
