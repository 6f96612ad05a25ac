import type { HistoryEntry } from '@/server/trpc/types';
import { type LocalComparison, localName } from '../lib/local-comparisons';

/** One line of the history, wherever it is kept. */
export type Entry = {
  id: string;
  where: 'server' | 'browser';
  href: string;
  createdAt: Date;
  title: string;
  note: string;
  /** What stands where there is no title. */
  fallback: string;
  status: HistoryEntry['status'];
  lanes: { id: string; decoder: string; caption: string | null; status: string }[];
  facts: string[];
  thumbnail?: string | Blob;
  shares: number;
  deleted: boolean;
};

export function fromServer(entry: HistoryEntry): Entry {
  const { id, title, note, status, lanes, createdAt, image, shares, computedBy, device, replayOf } = entry;
  return {
    id,
    where: 'server',
    href: `/c/${id}`,
    createdAt,
    title,
    note,
    fallback: entry.input === 'embedding' ? 'Embedding' : entry.input === 'sample' ? 'Sample picture' : image ? 'Photo' : 'Photo that stayed in a browser',
    status,
    lanes,
    facts: [...(device ? [device.name] : []), ...(computedBy === 'client' ? ['computed in a browser'] : []), ...(replayOf ? ['replay'] : [])],
    thumbnail: image?.thumbnailUrl,
    shares,
    deleted: entry.deletedAt !== null,
  };
}

export function fromBrowser(comparison: LocalComparison): Entry {
  const { id, createdAt, title, note, photo, runs, deletedAt, savedId } = comparison;
  const lanes = runs.flatMap((run) =>
    run.lanes.map((lane) => {
      const end = run.items.findLast((item) => item.kind === 'event' && (item.event.type === 'lane-finished' || item.event.type === 'lane-failed') && item.event.lane === lane.id);
      const event = end?.kind === 'event' ? end.event : undefined;
      return { id: lane.id, decoder: lane.decoder, caption: event?.type === 'lane-finished' ? event.result.caption : null, status: event?.type === 'lane-failed' ? 'failed' : 'interrupted' };
    }),
  );
  const ends = runs.map((run) => run.items.at(-1)).map((item) => (item?.kind === 'ended' ? item.status : 'interrupted'));
  return {
    id,
    where: 'browser',
    href: `/local?id=${id}`,
    createdAt: new Date(createdAt),
    title: title ?? '',
    note: note ?? '',
    fallback: localName(comparison),
    status: ends.find((status) => status !== 'finished') ?? 'finished',
    lanes,
    facts: [[...new Set(runs.map((run) => run.device))].join(', '), ...(savedId ? ['also saved on the server'] : [])],
    thumbnail: photo?.blob,
    shares: 0,
    deleted: deletedAt !== undefined,
  };
}

/** Whether every word of the search begins a word of captions, title or note, as the server's index finds it. */
export function matches({ title, note, fallback, lanes }: Entry, search: string): boolean {
  const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const words = fold([title || fallback, note, ...lanes.map(({ caption }) => caption ?? '')].join(' '));
  return fold(search).every((wanted) => words.some((word) => word.startsWith(wanted)));
}

/**
 * Both in one order, newest first. While the server has more pages, only those of the browser that are newer than what is loaded are in
 * it, so that nothing is put in above what is being read.
 */
export function merge(server: readonly Entry[], browser: readonly Entry[], more: boolean): Entry[] {
  const oldest = more ? (server.at(-1)?.createdAt.getTime() ?? Infinity) : -Infinity;
  return [...server, ...browser.filter(({ createdAt }) => createdAt.getTime() >= oldest)].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
}
