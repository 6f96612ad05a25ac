import { TRPCClientError } from '@trpc/client';
import type { ComparisonView, LaneView, StreamItem } from '@/kept/comparison';
import { mergeLines } from '@/kept/merge-lines';
import { type PersonCaption, withoutSaid, withSaid } from '@/kept/person-captions';
import type { Rating } from '@/kept/ratings';
import type { LaneResult, StudioEvent } from '@/models/events';
import type { StudioClient } from '../client/client';

type Listener = {
  onData: (tracked: { data: StreamItem }) => void;
  onError: (error: unknown) => void;
  onComplete: () => void;
  onConnectionStateChange: (state: { state: string; error: unknown }) => void;
};
type Lane = { id?: string; decoder: string; options?: LaneView['options'] };

export const resultOf = (caption: string): LaneResult => ({
  caption,
  tokens: [1],
  logProb: -3,
  similarity: 0.5,
  similaritySpace: 'pocket',
  optimised: false,
  nBest: [],
  deviceMs: 9,
  ms: 10,
  firstTokenMs: 2,
  counters: { modelRuns: 3 },
});
export const finishedLane = (lane: string, caption: string): StudioEvent => ({
  type: 'lane-finished',
  lane,
  result: resultOf(caption),
});

/** The studio's server for tests of the page: what its procedures keep, and a stream that the test writes. */
export function testServer() {
  const kept = new Map<string, ComparisonView>();
  const listeners = new Map<string, Set<Listener>>();
  let count = 0;
  const server = {
    kept,
    /** Requests by their procedure. */
    asked: [] as string[],
    /** Nobody answers. */
    away: false,
    /** Sends an item to all who listen. */
    send(id: string, item: StreamItem): void {
      kept.get(id)!.items.push(item);
      if (item.kind === 'event' && item.event.type === 'lane-finished') {
        const { lane: name, result } = item.event;
        const lane = kept.get(id)!.lanes.find((each) => each.id === name)!;
        Object.assign(lane, { status: 'finished', result });
      }
      if (item.kind === 'ended') kept.get(id)!.status = item.status;
      if (!server.away)
        for (const { onData } of [...(listeners.get(id) ?? [])]) onData({ data: structuredClone(item) });
    },
    event: (id: string, event: StudioEvent) => server.send(id, { kind: 'event', at: 0, event }),
    /** The whole of it, to its end. */
    finish(id: string): void {
      for (const { id: lane, status } of kept.get(id)!.lanes)
        if (status !== 'finished') server.event(id, finishedLane(lane, `${lane} of the server`));
      server.send(id, { kind: 'ended', status: 'finished' });
    },
    /** The streams are cut; the browser cannot connect again. */
    cut(): void {
      for (const all of listeners.values()) {
        const cut = [...all];
        all.clear();
        for (const { onError } of cut) onError(new TRPCClientError('Unknown error'));
      }
    },
    listening: (id: string) => listeners.get(id)?.size ?? 0,
  };
  const answer =
    <I, O>(name: string, work: (input: I) => O) =>
    async (input: I): Promise<O> => {
      server.asked.push(name);
      if (server.away) throw new TRPCClientError('fetch failed');
      return structuredClone(work(input));
    };
  const of = ({ id }: { id: string }): ComparisonView => {
    const view = kept.get(id);
    if (!view)
      throw new TRPCClientError('gone', {
        result: { error: { data: { httpStatus: 404, studio: { code: 'not-found' } } } } as never,
      });
    return view;
  };
  const begin = (view: ComparisonView, lanes: readonly Lane[]) => {
    view.status = 'running';
    for (const { id = '', decoder, options = {} } of lanes) {
      const fresh: LaneView = { id, decoder, options, status: 'waiting', result: null, error: null };
      const at = view.lanes.findIndex((lane) => lane.id === id);
      if (at < 0) view.lanes.push(fresh);
      else view.lanes[at] = fresh;
    }
    view.items.push({
      kind: 'event',
      at: 0,
      event: {
        type: 'comparison-started',
        family: view.family,
        device: { name: 'cpu' },
        precision: 'q8',
        lanes: lanes.map(({ id = '', decoder, options = {} }) => ({ id, decoder, options })),
      },
    });
  };
  const client = {
    comparison: {
      create: {
        mutate: answer('create', ({ lanes, family, title = '' }: { lanes: Lane[]; family: string; title?: string }) => {
          const view = emptyView(`server${++count}`, family, title);
          kept.set(view.id, view);
          begin(view, lanes);
          return { id: view.id };
        }),
      },
      extend: {
        mutate: answer('extend', ({ lanes, ...one }: { id: string; lanes: Lane[] }) => begin(of(one), lanes)),
      },
      cancel: {
        mutate: answer('cancel', ({ id }: { id: string }) => server.send(id, { kind: 'ended', status: 'cancelled' })),
      },
      get: { query: answer('get', of) },
      events: {
        subscribe: ({ id }: { id: string }, listener: Listener) => {
          if (!listeners.has(id)) listeners.set(id, new Set());
          listeners.get(id)!.add(listener);
          return { unsubscribe: () => listeners.get(id)!.delete(listener) && listener.onComplete() };
        },
      },
    },
    history: {
      rate: {
        mutate: answer('rate', ({ lane, rating, ...one }: { id: string; lane: string; rating: Rating | null }) => {
          const rated = of(one).lanes.find(({ id }) => id === lane)!;
          if (rating) rated.rating = rating;
          else delete rated.rating;
        }),
      },
      edit: {
        mutate: answer(
          'edit',
          ({
            references,
            referencesBefore = [],
            title,
            ...one
          }: {
            id: string;
            title?: string;
            references?: string[];
            referencesBefore?: string[];
          }) => {
            const view = of(one);
            if (references) view.references = mergeLines(view.references, referencesBefore, references);
            if (title !== undefined) view.title = title;
          },
        ),
      },
      say: {
        mutate: answer('say', ({ caption, ...one }: { id: string; caption: Omit<PersonCaption, 'at' | 'by'> }) => {
          const view = of(one);
          view.said = withSaid(view.said, { ...caption, at: new Date().toISOString(), by: 'local' });
        }),
      },
      takeBack: {
        mutate: answer('takeBack', ({ caption, ...one }: { id: string; caption: string }) => {
          of(one).said = withoutSaid(of(one).said, caption);
        }),
      },
      notes: {
        query: answer('notes', (one: { id: string }) => {
          const { status, title, references, said, items, lanes } = of(one);
          const ratings = Object.fromEntries(lanes.flatMap(({ id, rating }) => (rating ? [[id, rating]] : [])));
          return { status, title, references, said, ratings, items: items.length };
        }),
      },
    },
  };
  return { ...server, server, client: client as unknown as StudioClient };
}

const emptyView = (id: string, family: string, title: string): ComparisonView => ({
  id,
  createdAt: new Date(0),
  endedAt: null,
  title,
  note: '',
  appVersion: null,
  weightHashes: null,
  replayOf: null,
  status: 'queued',
  family,
  precision: 'q8',
  device: { name: 'cpu' },
  input: 'sample',
  sample: null,
  image: null,
  computedBy: 'server',
  familyHash: null,
  embedding: null,
  modality: null,
  references: [],
  said: [],
  lanes: [],
  error: null,
  items: [],
  lastEventId: null,
});
