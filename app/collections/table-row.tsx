'use client';
import { PenLine } from 'lucide-react';
import { memo } from 'react';
import type { Measure, TableCell, TableRow as Row } from '@/kept/collections/table';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { Photo } from './photo';

/** The cells of one photo; what has not come yet keeps its place. */
export const TableRow = memo(function TableRow({
  run,
  row,
  apart,
  measure,
  onOpen,
}: {
  run: string;
  row: Row | undefined;
  apart: boolean;
  /** What is shown of each caption. */
  measure: Measure;
  onOpen: () => void;
}) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  if (!row) return <span role="gridcell" className="p-2 text-sm text-quiet" aria-label={t('Reading the rows …')} />;
  return (
    <>
      <span
        role="gridcell"
        className="sticky left-0 z-[1] flex min-w-0 flex-col gap-1 border-r border-line bg-inherit p-1.5"
      >
        <button
          type="button"
          tabIndex={-1}
          onClick={onOpen}
          aria-label={t('Open {{name}}', { name: row.key })}
          className="h-14 w-full overflow-hidden rounded bg-page"
        >
          <Photo run={run} row={row} />
        </button>
        <span
          className="truncate text-xs text-quiet"
          title={row.own ? `${row.key}: ${row.own.caption}` : row.key}
          dir="auto"
        >
          {row.own ? (
            <>
              <PenLine size={11} aria-label={t('Your own caption')} className="mr-1 inline" />
              <span className="text-ink">{row.own.caption}</span>
            </>
          ) : (
            row.key
          )}
        </span>
      </span>
      {row.error ? (
        <span role="gridcell" className="col-span-full col-start-2 p-2 text-sm text-danger">
          {t('Could not be read:')} <ProblemText of={row.error} />
        </span>
      ) : (
        row.cells.map((cell) => <Cell key={cell.lane} cell={cell} measure={measure} />)
      )}
      {apart && !row.error && (
        <span role="gridcell" className="p-2 text-right font-mono text-xs tabular-nums">
          {decimals(row.disagreement, 2)}
        </span>
      )}
    </>
  );
});

function Cell({ cell, measure }: { cell: TableCell; measure: Measure }) {
  const { caption, optimised, certainty, error } = cell;
  const value = cell[measure];
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  return (
    <span role="gridcell" className="flex min-h-0 min-w-0 flex-col border-r border-line px-2 py-1.5 last:border-r-0">
      {error ? (
        <span className="line-clamp-3 text-xs text-danger">
          <ProblemText of={error} />
        </span>
      ) : (
        <span className="line-clamp-3 text-[13px] leading-[17px]" lang="en" dir="auto" title={caption}>
          {caption}
        </span>
      )}
      {(value !== undefined || certainty) && (
        <span className="mt-auto font-mono text-xs whitespace-nowrap text-quiet tabular-nums">
          {decimals(value, measure === 'stars' ? 0 : 2)}
          {optimised && measure === 'similarity' ? ` ${t('optimised')}` : ''} {certainty ? `· ${t(certainty)}` : ''}
          {cell.stars !== undefined && measure !== 'stars' ? ` · ★ ${cell.stars}` : ''}
        </span>
      )}
    </span>
  );
}
