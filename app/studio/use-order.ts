import { useState } from 'react';
import type { LaneConfig } from '../lanes/lane-config';
import { useChoices } from '../lines/choices';
import { endOf } from '../views/film';
import { type Line, type Row, rowId, type SaidLine, type Sort, sortLines } from '../lines/columns';

/**
 * Lanes and what the person says as they are shown: in the order in which they stand, or by the column that the person
 * chose. While lanes
 * are at work (`still`), or nothing has been said yet, nothing changes its place; where they are shuffled (`fixed`)
 * they stay shuffled.
 */
export function useOrder(
  stand: readonly LaneConfig[],
  lines: readonly Line[],
  said: readonly SaidLine[],
  { still, fixed }: { still: boolean; fixed: boolean },
) {
  const { sort, choose } = useChoices();
  const [last, setLast] = useState<readonly string[]>([]);
  const sorted = sort !== undefined && !fixed;
  const ended = !still && lines.some(({ lane }) => endOf(lane));
  const rows: readonly Row[] = [...lines, ...said];
  const wanted = !sorted ? stand.map(({ id }) => id) : ended ? sortLines(rows, sort).map(rowId) : last;
  if (wanted.join() !== last.join()) setLast(wanted);
  const bench = placed(stand, wanted);
  return {
    bench,
    /** All of them as they stand below each other. */
    rows: placed(
      rows.map((row) => ({ id: rowId(row), row })),
      wanted,
    ).map(({ row }) => row),
    /** The same by their ids, with lanes that have not begun. */
    places: placed([...stand, ...said.map(({ said: { id } }) => ({ id }))], wanted).map(({ id }) => id),
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
