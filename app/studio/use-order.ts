import { useState } from 'react';
import type { LaneConfig } from '../lanes/lane-config';
import { useChoices } from '../lines/choices';
import { endOf } from '../views/film';
import { type Line, type Sort, sortLines } from '../lines/columns';

/**
 * The lanes as they are shown: in the order in which they stand, or by the column that the person chose. While lanes
 * are at work (`still`), or nothing has been said yet, nothing changes its place; where they are shuffled (`fixed`)
 * they stay shuffled.
 */
export function useOrder(
  stand: readonly LaneConfig[],
  lines: readonly Line[],
  { still, fixed }: { still: boolean; fixed: boolean },
) {
  const { sort, choose } = useChoices();
  const [last, setLast] = useState<readonly string[]>([]);
  const sorted = sort !== undefined && !fixed;
  const ended = !still && lines.some(({ lane }) => endOf(lane));
  const wanted = !sorted ? stand.map(({ id }) => id) : ended ? sortLines(lines, sort).map(({ lane }) => lane.id) : last;
  if (wanted.join() !== last.join()) setLast(wanted);
  const bench = placed(stand, wanted);
  return {
    bench,
    lines: placed(
      lines.map((line) => ({ id: line.lane.id, line })),
      wanted,
    ).map(({ line }) => line),
    sorted,
    sort: sorted ? sort : undefined,
    onSort: fixed ? undefined : (next: Sort | undefined) => choose({ sort: next }),
  };
}

/** As `order` has them; what it does not name stands behind, as it stood. */
function placed<T extends { id: string }>(all: readonly T[], order: readonly string[]): T[] {
  const place = ({ id }: T) => (order.includes(id) ? order.indexOf(id) : order.length);
  return [...all].sort((a, b) => place(a) - place(b));
}
