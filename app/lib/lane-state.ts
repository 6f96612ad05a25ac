import type { EventOf, LaneResult, StudioEvent } from '@/models/events';
import type { ErrorData } from '@/models/errors';
import type { Device, Precision } from '@/models/runtime/types';
import type { ComparisonStatus, ComparisonView, StreamItem } from '@/server/trpc/types';

export type LaneStatus = 'waiting' | 'loading' | 'running' | 'done' | 'failed' | 'stopped' | 'interrupted';
export type LaneState = {
  id: string;
  decoder: string;
  options: Record<string, unknown>;
  status: LaneStatus;
  /** Where it runs, once that is known. */
  device?: Device;
  /** Words so far; the final caption once done. */
  caption: string;
  steps: number;
  result?: LaneResult;
  error?: ErrorData;
};
export type ComparisonState = {
  status: ComparisonStatus;
  /** Comparisons that start before this one, while it waits. */
  ahead: number;
  family?: string;
  device?: Device;
  precision?: Precision;
  encodeMs?: number;
  /** What is being loaded, while something is. */
  loading?: { what: string; done: number; total: number };
  lanes: LaneState[];
  error?: ErrorData;
};

export const emptyComparison: ComparisonState = { status: 'queued', ahead: 0, lanes: [] };

/** The state that a stored or running comparison begins with, before its events are applied. */
export function fromView(view: ComparisonView): ComparisonState {
  const lanes = view.lanes.map(({ id, decoder, options }): LaneState => ({ id, decoder, options, status: 'waiting', caption: '', steps: 0 }));
  return view.items.reduce(applyItem, { ...emptyComparison, status: view.status === 'queued' || view.status === 'running' ? view.status : 'running', family: view.family, lanes });
}

/** The state after one item of the stream. Pure: the same items always draw the same page. */
export function applyItem(state: ComparisonState, item: StreamItem): ComparisonState {
  if (item.kind === 'queued') return { ...state, status: 'queued', ahead: item.ahead };
  if (item.kind === 'event') return applyEvent(state.status === 'queued' ? { ...state, status: 'running' } : state, item.event);
  const left: LaneStatus = item.status === 'interrupted' ? 'interrupted' : 'stopped';
  return {
    ...state,
    status: item.status,
    error: item.error,
    loading: undefined,
    lanes: state.lanes.map((lane) => (isFinal(lane.status) ? lane : item.status === 'failed' && item.error ? { ...lane, status: 'failed', error: item.error } : { ...lane, status: left })),
  };
}

export const isFinal = (status: LaneStatus) => status === 'done' || status === 'failed' || status === 'stopped' || status === 'interrupted';

function applyEvent(state: ComparisonState, event: StudioEvent): ComparisonState {
  switch (event.type) {
    case 'comparison-started':
      return {
        ...state,
        family: event.family,
        device: event.device,
        precision: event.precision,
        lanes: startLanes(state.lanes, event),
      };
    case 'loading':
      return { ...state, loading: event.done < event.total ? { what: event.what, done: event.done, total: event.total } : undefined };
    case 'encoded':
      return { ...state, encodeMs: event.ms };
    case 'lane-started':
      return withLane(state, event.lane, (lane) => ({ ...lane, status: 'running' }));
    case 'stage':
    case 'insight':
      return state;
    case 'step':
      return withLane(state, event.lane, (lane) => ({ ...lane, status: 'running', caption: event.partial, steps: event.step + 1 }));
    case 'lane-finished':
      return withLane(state, event.lane, (lane) => ({ ...lane, status: 'done', caption: event.result.caption, result: event.result }));
    case 'lane-failed':
      return withLane(state, event.lane, (lane) => ({ ...lane, status: event.error.code === 'cancelled' ? 'stopped' : 'failed', error: event.error }));
    case 'comparison-finished':
      return { ...state, loading: undefined };
  }
}

/** Lanes that start, some perhaps anew on another device after the first was lost; those that are final stay. */
function startLanes(before: readonly LaneState[], { lanes, device }: EventOf<'comparison-started'>): LaneState[] {
  const started = lanes.map((lane): LaneState => ({ status: 'waiting', caption: '', steps: 0, ...before.find(({ id }) => id === lane.id), ...lane, device }));
  const kept = before.map((lane) => started.find(({ id }) => id === lane.id) ?? lane);
  return [...kept, ...started.filter(({ id }) => !before.some((lane) => lane.id === id))];
}

function withLane(state: ComparisonState, id: string, change: (lane: LaneState) => LaneState): ComparisonState {
  return { ...state, lanes: state.lanes.map((lane) => (lane.id === id ? change(lane) : lane)) };
}
