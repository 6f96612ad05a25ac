import { useCallback, useSyncExternalStore } from 'react';

/** No room for two things side by side. */
const usual = '(max-width: 639px)';

/** Whether the screen is as narrow as `query` says (< 640 px); false until the page runs. */
export function useNarrow(query = usual): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    [query],
  );
  return useSyncExternalStore(
    subscribe,
    () => matchMedia(query).matches,
    () => false,
  );
}
