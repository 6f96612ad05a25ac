import type { ErrorData } from '@/models/errors';
import type { ComparisonStatus, ComparisonView, StreamItem } from '@/kept/comparison';
import { applyEvent, type Film, emptyFilm, isFinal, type LaneStatus, newLane } from '../views/film';

/** A film and how its comparison stands. */
export type ComparisonState = Film & {
  status: ComparisonStatus;
  /** Comparisons that start before this one, while it waits. */
  ahead: number;
  error?: ErrorData;
};

export const emptyComparison: ComparisonState = { ...emptyFilm, status: 'queued', ahead: 0 };

/** The state that a stored or running comparison begins with, before its events are applied. */
export function fromView(view: ComparisonView): ComparisonState {
  const lanes = view.lanes.map(newLane);
  return view.items.reduce(applyItem, {
    ...emptyComparison,
    status: view.status === 'queued' || view.status === 'running' ? view.status : 'running',
    family: view.family,
    lanes,
  });
}

/** The state after one item of the stream. Pure: the same items always draw the same page. */
export function applyItem(state: ComparisonState, item: StreamItem): ComparisonState {
  if (item.kind === 'queued') return { ...state, status: 'queued', ahead: item.ahead };
  if (item.kind === 'event')
    return applyEvent(state.status === 'queued' ? { ...state, status: 'running' } : state, item.event);
  const left: LaneStatus = item.status === 'interrupted' ? 'interrupted' : 'stopped';
  return {
    ...state,
    status: item.status,
    error: item.error,
    loading: undefined,
    lanes: state.lanes.map((lane) =>
      isFinal(lane.status)
        ? lane
        : item.status === 'failed' && item.error
          ? { ...lane, status: 'failed', error: item.error }
          : { ...lane, status: left },
    ),
  };
}
