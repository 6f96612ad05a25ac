import { useEffect, useRef } from 'react';
import type { LaneFilm } from '../views/film';
import type { Input } from '../inputs/inputs';
import type { LocalComparison } from '../comparisons/local-comparisons';
import type { LocalRuns } from '../comparisons/local-runs';
import type { ServerComparisons } from '../comparisons/server-comparisons';
import type { useLanes } from '../lanes/use-lanes';

type Needs = {
  /** What the page's address names. */
  serverId: string | undefined;
  localId: string | undefined;
  server: ServerComparisons;
  local: LocalRuns;
  patch: (key: string, change: Partial<Input>) => void;
  /** The key of the input that is shown, its lanes, and the halves of its comparison that are here. */
  activeKey: string | undefined;
  shown: readonly LaneFilm[];
  localComparison: LocalComparison | undefined;
  followed: unknown;
  /** Decoders are known, so that lanes can be adopted. */
  ready: boolean;
  adopt: ReturnType<typeof useLanes>['adopt'];
};

/** Opens the comparison that the page's address names, and shows it with its own lanes. */
export function useOpened({
  serverId,
  localId,
  server,
  local,
  patch,
  activeKey,
  shown,
  localComparison,
  followed,
  ready,
  adopt,
}: Needs): void {
  // What an address names is loaded; the rest of a mixed comparison lies on the server.
  useEffect(() => {
    if (serverId) server.follow(serverId);
    if (localId)
      void local.open(localId).then((found) => {
        if (found?.serverId) {
          server.follow(found.serverId);
          patch(localId, { serverId: found.serverId });
        }
      });
  }, [local, localId, patch, server, serverId]);

  // An opened comparison brings its own lanes.
  const opened = serverId ?? localId;
  const adopted = useRef(false);
  useEffect(() => {
    if (adopted.current || !opened || activeKey !== opened || !ready || !shown.length) return;
    // A mixed comparison is whole once both halves are here.
    if (localComparison?.serverId && !followed) return;
    adopted.current = true;
    const place = ({ id }: LaneFilm) => {
      const at = localComparison?.order?.indexOf(id) ?? -1;
      return at < 0 ? Infinity : at;
    };
    adopt(
      opened,
      [...shown].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b))),
    );
  }, [activeKey, adopt, followed, localComparison, opened, ready, shown]);
}
