import type { ComparisonView, LaneView, StreamItem } from '@/kept/comparison';
import { endedAs } from '@/kept/lane-end';
import { joinSaid } from '@/kept/person-captions';
import { type LocalComparison, type LocalRun, localName } from './local-comparisons';

type ItemEvent = Extract<StreamItem, { kind: 'event' }>;

/** Its lanes, each as it ran last, in the order in which they stood side by side. */
export function localLanes({
  runs,
  order = [],
  ratings,
}: Pick<LocalComparison, 'runs' | 'order' | 'ratings'>): (LaneView & { device: LocalRun['device'] })[] {
  const lanes = new Map<string, LaneView & { device: LocalRun['device'] }>();
  for (const { device, lanes: ran, items } of runs)
    for (const lane of ran) {
      const end = items.findLast(
        (item): item is ItemEvent =>
          item.kind === 'event' &&
          (item.event.type === 'lane-finished' || item.event.type === 'lane-failed') &&
          item.event.lane === lane.id,
      )?.event;
      const outcome =
        end?.type === 'lane-finished'
          ? { status: 'finished' as const, result: end.result, error: null }
          : end?.type === 'lane-failed'
            ? { status: endedAs(end.error), result: null, error: end.error }
            : { status: 'interrupted' as const, result: null, error: null };
      // Its place is that of the first run; what it said is of the last.
      lanes.set(lane.id, {
        ...lane,
        ...outcome,
        device,
        ...(outcome.result && ratings?.[lane.id] ? { rating: ratings[lane.id] } : {}),
      });
    }
  return inOrder([...lanes.values()], order);
}

/** How it ended: as its runs did, the worst first. A run whose page was closed has no end. */
export function localStatus({
  runs,
}: Pick<LocalComparison, 'runs'>): Exclude<ComparisonView['status'], 'queued' | 'running'> {
  const ends = runs
    .map((run) => run.items.at(-1))
    .map((item) => (item?.kind === 'ended' ? item.status : 'interrupted'));
  return ends.find((status) => status !== 'finished') ?? 'finished';
}

/** The lanes whose last run was in this browser. `half`: those of it that ran on the server. */
export function ownLanes(comparison: LocalComparison, half?: Pick<ComparisonView, 'lanes'>) {
  const { lastThere = [] } = comparison;
  const there = (lane: string) => lastThere.includes(lane) && half?.lanes.some(({ id }) => id === lane);
  return localLanes(comparison).filter(({ id }) => !there(id));
}

/**
 * A comparison of this browser as the views, exports and replays take one. `half`: the lanes of it that ran on the
 * server, in a comparison
 * there. The picture's address is left out; it lies in `photo`.
 */
export function localView(
  comparison: LocalComparison,
  half?: ComparisonView,
  mine = ownLanes(comparison, half),
): ComparisonView {
  const { id, createdAt, family, precision, photo, embedding, runs, order = [] } = comparison;
  const items = [...(half?.items ?? []), ...runs.flatMap((run) => run.items)].filter(
    (item): item is ItemEvent => item.kind === 'event',
  );
  const started = runs
    .flatMap((run) => run.items)
    .find((item): item is ItemEvent => item.kind === 'event' && item.event.type === 'comparison-started')?.event;
  const status = localStatus(comparison);
  const theirs = !half || half.status === 'queued' || half.status === 'running' ? 'finished' : half.status;
  const ended = status === 'finished' ? theirs : status;
  const lanes = mine.map(({ device: _device, ...lane }): LaneView => lane);
  return {
    id,
    createdAt: new Date(createdAt),
    endedAt: null,
    title: comparison.title || half?.title || (photo ? localName(comparison) : ''),
    note: comparison.note || half?.note || '',
    appVersion: half?.appVersion ?? null,
    weightHashes: half?.weightHashes ?? null,
    replayOf: comparison.replayOf ?? null,
    status: ended,
    family,
    precision,
    device: started?.type === 'comparison-started' ? started.device : { name: runs[0]!.device },
    input: photo ? 'image' : 'embedding',
    sample: null,
    image: photo ? { id: 'local', url: '', thumbnailUrl: '', width: photo.width, height: photo.height } : null,
    computedBy: 'client',
    familyHash: (started?.type === 'comparison-started' && started.familyHash) || null,
    embedding: embedding?.values ?? null,
    modality: photo ? null : (embedding?.modality ?? 'image'),
    references: comparison.references ?? half?.references ?? [],
    said: joinSaid(comparison.said ?? [], half?.said ?? []),
    lanes: inOrder(
      [...(half?.lanes.filter(({ id: lane }) => !mine.some((own) => own.id === lane)) ?? []), ...lanes],
      order,
    ),
    error: null,
    items: [...items, { kind: 'ended', status: ended }],
    lastEventId: null,
  };
}

/** As `order` has them; what it does not name keeps its place at the end. */
export function inOrder<T extends { id: string }>(lanes: readonly T[], order: readonly string[]): T[] {
  const place = ({ id }: T) => (order.includes(id) ? order.indexOf(id) : order.length);
  return [...lanes].sort((a, b) => place(a) - place(b));
}
