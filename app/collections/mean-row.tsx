'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CollectionCard } from '@/kept/answers';
import type { Mean, Measure, TableQuery } from '@/kept/collections/table';
import { useStudioClient } from '../client/client';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';

/** Means of the rows that fit what is asked for. */
export function useMeans(card: CollectionCard, filter: Omit<TableQuery, 'from' | 'count' | 'sort'>, wanted: boolean) {
  const client = useStudioClient();
  return useQuery({
    queryKey: ['collections', 'means', card.id, filter, card.done],
    queryFn: () => client.collection.means.query({ id: card.id, query: filter }),
    enabled: wanted,
    placeholderData: keepPreviousData,
  }).data;
}

const measures: { name: Measure; title: string; digits: number }[] = [
  { name: 'similarity', title: 'cos', digits: 3 },
  { name: 'ciderD', title: 'CIDEr-D', digits: 2 },
  { name: 'rougeL', title: 'ROUGE-L', digits: 3 },
  { name: 'stars', title: '★', digits: 2 },
];

/** The last row of the table: what each lane has on average, with the 95 % interval of that. */
export function MeanRow({
  lanes,
  means,
  columns,
  index,
}: {
  lanes: CollectionCard['lanes'];
  means: NonNullable<ReturnType<typeof useMeans>>;
  columns: string;
  index: number;
}) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const show = ({ mean, half }: Mean, digits: number) => `${decimals(mean, digits)} ± ${decimals(half, digits)}`;
  return (
    <div
      role="row"
      aria-rowindex={index}
      data-testid="means"
      className="sticky bottom-0 z-10 grid border-t border-line bg-card"
      style={{ gridTemplateColumns: columns }}
    >
      <span role="rowheader" className="sticky left-0 z-[2] border-r border-line bg-card px-2 py-1.5 text-xs">
        {t('mean of {{count}}', { count: means.rows })}
      </span>
      {lanes.map(({ id }) => (
        <span
          key={id}
          role="gridcell"
          title={t('Mean and its 95 % interval; a cosine that the search optimised is left out')}
          className="border-r border-line px-2 py-1.5 font-mono text-xs tabular-nums last:border-r-0"
        >
          {measures.map(({ name, title, digits }) => {
            const mean = means.lanes[id]?.[name];
            // What one lane has, and another has not, keeps its line in both.
            return (
              lanes.some((lane) => means.lanes[lane.id]?.[name]) && (
                <span key={name} className="block whitespace-nowrap">
                  <span className="text-quiet">{title}</span> {mean ? show(mean, digits) : '–'}
                </span>
              )
            );
          })}
        </span>
      ))}
      {lanes.length > 1 && <span role="gridcell" />}
    </div>
  );
}
