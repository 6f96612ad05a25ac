import { useSyncExternalStore } from 'react';

const never = () => () => undefined;

/** Whether React has taken over the page that the server sent. Before that, nothing on it answers. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
