import type { HistoryEntry } from '../../../kept/answers';
import type { ComparisonView } from '../../../kept/comparison';
import { isUnfit, notForThis, standing } from '../../../kept/lane-end';
import type { Rating } from '../../../kept/ratings';

/** A moment as the lists tell it, in UTC. */
export const when = (date: Date) => date.toISOString().slice(0, 16).replace('T', ' ');

const laneLine = (
  id: string,
  caption: string | null | undefined,
  status: string,
  cosine: number | null | undefined,
  rating?: Rating,
) =>
  `  ${id.padEnd(12)} ${cosine === null || cosine === undefined ? '    ' : cosine.toFixed(2)}  ${caption ?? `(${status})`}${rating ? `  [${rating.stars} of 5${rating.blind ? ', blind' : ''}]` : ''}`;

/** One comparison of the list. */
export function entryLines({ id, createdAt, title, status, lanes, said, computedBy, note }: HistoryEntry): string {
  const head = [
    id,
    when(createdAt),
    title,
    status === 'finished' ? '' : `(${status})`,
    computedBy === 'client' ? '(a browser’s word)' : '',
  ]
    .filter(Boolean)
    .join('  ');
  return [
    head,
    ...(note ? [`  note: ${note.split('\n')[0]}`] : []),
    ...lanes.map((lane) =>
      laneLine(lane.id, lane.caption, lane.unfit ? notForThis : lane.status, lane.similarity, lane.rating),
    ),
    ...said.map((text) => laneLine('(person)', text, '', undefined)),
  ].join('\n');
}

/** One comparison by itself. */
export function viewLines(view: Omit<ComparisonView, 'items'>): string {
  const facts = [
    view.family + (view.familyHash ? ` (${view.familyHash.slice(0, 12)})` : ''),
    view.device?.name,
    view.precision,
    view.appVersion && `version ${view.appVersion}`,
  ]
    .filter(Boolean)
    .join(', ');
  return [
    [view.id, when(view.createdAt), view.title, view.status].filter(Boolean).join('  '),
    `  ${facts}`,
    ...(view.note ? view.note.split('\n').map((line) => `  | ${line}`) : []),
    ...view.references.map((reference) => `  reference: ${reference}`),
    ...view.said.map(({ text, own, lane }) => `  ${own ? 'own' : 'accepted'}${lane ? ` (${lane})` : ''}: ${text}`),
    ...view.lanes.map((lane) =>
      laneLine(
        lane.id,
        lane.result?.caption ?? (isUnfit(lane.error) ? undefined : lane.error?.message),
        standing(lane),
        lane.result?.similarity,
        lane.rating,
      ),
    ),
  ].join('\n');
}
