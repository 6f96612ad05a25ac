import { isUnfit } from '@/kept/lane-end';
import { isBranch, type RatedComparison, type Rating } from '@/kept/ratings';
import type { HistoryEntry } from '@/kept/answers';
import type { Address } from '../comparisons/address';
import { msg } from '../languages/msg';
import { type LocalComparison, localName } from '../comparisons/local-comparisons';
import { inOrder, localLanes, localStatus } from '../comparisons/local-view';

/** One line of the history, wherever it is kept. */
export type Entry = {
  id: string;
  address: Address;
  createdAt: Date;
  title: string;
  note: string;
  /** What stands where there is no title: the name of its file, or a sentence to be translated. */
  fallback: string | { said: string };
  status: HistoryEntry['status'];
  lanes: {
    id: string;
    decoder: string;
    caption: string | null;
    /** How it ended; `unfit`: it cannot read this kind of input. */
    status: string;
    rating?: Rating;
    /** It goes on from words that a person chose. */
    branch?: boolean;
  }[];
  /** What the person says of the photo. */
  said: readonly string[];
  facts: string[];
  thumbnail?: string | Blob;
  shares: number;
  deleted: boolean;
  /** What of it is kept where: a change is made to all of it. */
  parts: { server: readonly string[]; browser?: string };
  /** In this browser: its lanes that ran on the server, what was saved there, and how the lanes stood. */
  half?: string;
  savedId?: string;
  order?: readonly string[];
  /** Lanes that ran in both, and on the server last. */
  lastThere?: readonly string[];
};

export function fromServer(entry: HistoryEntry): Entry {
  const { id, title, note, status, lanes, createdAt, image, shares, computedBy, device, replayOf } = entry;
  return {
    id,
    address: { where: 'server', id },
    createdAt,
    title,
    note,
    fallback: {
      said:
        entry.input === 'embedding'
          ? msg('Embedding')
          : entry.input === 'sample'
            ? msg('Sample picture')
            : image
              ? msg('Photo')
              : msg('Photo that stayed in a browser'),
    },
    status,
    lanes: lanes.map((lane) => (lane.unfit ? { ...lane, status: 'unfit' } : lane)),
    said: entry.said,
    facts: [
      ...(device ? [device.name] : []),
      ...(computedBy === 'client' ? [msg('computed in a browser')] : []),
      ...(replayOf ? [msg('replay')] : []),
    ],
    thumbnail: image?.thumbnailUrl,
    shares,
    deleted: entry.deletedAt !== null,
    parts: { server: [id] },
  };
}

export function fromBrowser(comparison: LocalComparison): Entry {
  const { id, createdAt, title, note, photo, runs, deletedAt, savedId, serverId, replayOf, order, lastThere } =
    comparison;
  const lanes = localLanes(comparison).map(({ id: lane, decoder, options, result, error, status, rating }) => ({
    id: lane,
    decoder,
    caption: result?.caption ?? null,
    status: isUnfit(error) ? 'unfit' : status,
    ...(rating ? { rating } : {}),
    ...(isBranch(options) ? { branch: true } : {}),
  }));
  return {
    id,
    address: { where: 'browser', id },
    createdAt: new Date(createdAt),
    title: title ?? '',
    note: note ?? '',
    fallback: comparison.photo || comparison.embedding ? localName(comparison) : { said: localName(comparison) },
    status: localStatus(comparison),
    lanes,
    said: (comparison.said ?? []).map(({ text }) => text),
    facts: [...new Set(runs.map((run) => run.device)), ...(replayOf ? [msg('replay')] : [])],
    thumbnail: photo?.blob,
    shares: 0,
    deleted: deletedAt !== undefined,
    parts: { server: [...(serverId ? [serverId] : []), ...(savedId ? [savedId] : [])], browser: id },
    ...(serverId ? { half: serverId } : {}),
    ...(savedId ? { savedId } : {}),
    ...(order ? { order } : {}),
    ...(lastThere ? { lastThere } : {}),
  };
}

/** What it is called on a page whose words are said by `say`. */
export const entryName = (
  { title, fallback }: Pick<Entry, 'title' | 'fallback'>,
  say: (sentence: string) => string = (sentence) => sentence,
) => title || (typeof fallback === 'string' ? fallback : say(fallback.said));

/**
 * Whether every word of the search begins a word of captions (a person's own among them), title or note, as the
 * server's index finds it.
 */
export function matches({ title, note, fallback, lanes, said }: Entry, search: string): boolean {
  const fold = (text: string) =>
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const words = fold(
    [entryName({ title, fallback }), note, ...lanes.map(({ caption }) => caption ?? ''), ...said].join(' '),
  );
  return fold(search).every((wanted) => words.some((word) => word.startsWith(wanted)));
}

/**
 * Both in one order, newest first; what is kept in both is one entry. While the server has more pages, only those of
 * the browser that are
 * newer than what is loaded are in it, so that nothing is put in above what is being read. `search`: what of the
 * browser is found; the
 * server's entries are found already, and bring their other half along.
 */
export function merge(server: readonly Entry[], browser: readonly Entry[], more: boolean, search = ''): Entry[] {
  if (!browser.length) return [...server];
  const oldest = more ? (server.at(-1)?.createdAt.getTime() ?? Infinity) : -Infinity;
  const there = new Map(server.map((entry) => [entry.id, entry]));
  const taken = new Set<string>();
  const mine = browser.flatMap((entry) => {
    const halves = entry.parts.server.flatMap((id) => there.get(id) ?? []);
    if (!halves.length && (entry.createdAt.getTime() < oldest || !matches(entry, search))) return [];
    for (const { id } of halves) taken.add(id);
    return [halves.reduce(join, entry)];
  });
  // The server's are in order already, and there may be thousands.
  return mine.length
    ? [...server.filter(({ id }) => !taken.has(id)), ...mine].sort(
        (a, b) => b.createdAt.getTime() - a.createdAt.getTime(),
      )
    : [...server];
}

/** A comparison of this browser with what of it is on the server: lanes that ran there, or the copy that was saved. */
function join(entry: Entry, half: Entry): Entry {
  const last = (id: string) => half.id === entry.half && entry.lastThere?.includes(id) === true;
  const own = entry.lanes.filter(({ id }) => !(last(id) && half.lanes.some((lane) => lane.id === id)));
  const lanes = inOrder(
    [...own, ...half.lanes.filter(({ id }) => !own.some((lane) => lane.id === id))],
    entry.order ?? [],
  );
  return {
    ...entry,
    title: entry.title || half.title,
    note: entry.note || half.note,
    lanes,
    said: [...new Set([...entry.said, ...half.said])],
    facts: [...new Set([...entry.facts, ...half.facts.filter((fact) => fact !== 'computed in a browser')])],
    shares: entry.shares + half.shares,
    status: entry.status === 'finished' ? half.status : entry.status,
  };
}

export const isRated = ({ lanes }: Entry) => lanes.some(({ rating }) => rating !== undefined);

/**
 * Entries of which some caption is rated, or of which none is. `known`: the ids of this browser's comparisons that have
 * a rated lane in
 * either half; the server filters too, so a half of them may not be loaded.
 */
export const byRating = (entries: readonly Entry[], rated: boolean, known?: ReadonlySet<string>): Entry[] =>
  entries.filter((entry) => (known && entry.half !== undefined ? known.has(entry.id) : isRated(entry)) === rated);

/**
 * Rated lanes of the server and of this browser, each once: lanes that ran on the server and lanes that ran here are
 * one comparison, and
 * the copy of one that was saved is not another.
 */
export function joinRated(server: readonly RatedComparison[], browser: readonly LocalComparison[]): RatedComparison[] {
  const there = new Map(server.map((comparison) => [comparison.id, comparison]));
  const mine = browser.flatMap((comparison): RatedComparison[] => {
    if (comparison.deletedAt !== undefined) return [];
    const own = localLanes(comparison);
    if (comparison.savedId) there.delete(comparison.savedId);
    const half = comparison.serverId === undefined ? undefined : there.get(comparison.serverId);
    if (half) there.delete(half.id);
    const lanes = [
      ...own.flatMap(({ id: lane, decoder, options, rating }) =>
        rating ? [{ lane, decoder, ...rating, ...(isBranch(options) ? { branch: true } : {}) }] : [],
      ),
      ...(half?.lanes.filter(({ lane }) => !own.some(({ id }) => id === lane)) ?? []),
    ];
    return lanes.length ? [{ id: comparison.id, lanes }] : [];
  });
  return [...there.values(), ...mine];
}
