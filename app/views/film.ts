import { endedAs, isUnfit } from '@/kept/lane-end';
import type { ErrorData } from '@/models/errors';
import type { Alternative, EventOf, Insight, LaneResult, StudioEvent } from '@/models/events';
import type { Device, Precision } from '@/models/runtime/types';

/** An event and when it came, in milliseconds since its comparison began. */
export type TimedEvent = { at: number; event: StudioEvent };
export type Step = EventOf<'step'>;
/** `unfit`: the lane cannot read this kind of input, which is no fault of anybody's. */
export type LaneStatus = 'waiting' | 'loading' | 'running' | 'done' | 'failed' | 'stopped' | 'interrupted' | 'unfit';
/** What is being loaded, and how many of how many graphs (or `bytes` of their files) are there. */
export type Loading = { what: string; done: number; total: number; bytes?: boolean };

/** A lane as its events tell it. */
export type LaneFilm = {
  id: string;
  decoder: string;
  options: Record<string, unknown>;
  status: LaneStatus;
  /** Where it runs, once that is known. */
  device?: Device;
  /** Words so far; the final caption once done. */
  caption: string;
  steps: readonly Step[];
  insights: readonly Insight[];
  result?: LaneResult;
  error?: ErrorData;
  /** Before it can begin. */
  loading?: Loading;
  /** It is wound back to this step: what is shown is of then, and how it ended stands here. */
  replay?: { step: number; of: number; result?: LaneResult };
};

/** A comparison as its events tell it: enough to draw every view, with no model. */
export type Film = {
  family?: string;
  familyHash?: string;
  device?: Device;
  precision?: Precision;
  encoded?: Omit<EventOf<'encoded'>, 'type'>;
  /** What is being loaded, while something is. */
  loading?: Loading;
  lanes: LaneFilm[];
};
export const emptyFilm: Film = { lanes: [] };
export const newLane = ({ id, decoder, options }: Pick<LaneFilm, 'id' | 'decoder' | 'options'>): LaneFilm => ({
  id,
  decoder,
  options,
  status: 'waiting',
  caption: '',
  steps: [],
  insights: [],
});

export const isFinal = (status: LaneStatus) => status !== 'waiting' && status !== 'loading' && status !== 'running';

/** How the lane ended, also where it is wound back. */
export const endOf = ({ result, replay }: Pick<LaneFilm, 'result' | 'replay'>): LaneResult | undefined =>
  result ?? replay?.result;

/** The film of stored events. */
export function filmOf(events: readonly StudioEvent[]): Film {
  return events.reduce(applyEvent<Film>, emptyFilm);
}

/** The film after one more event. Pure: the same events always draw the same page. */
export function applyEvent<F extends Film>(film: F, event: StudioEvent): F {
  switch (event.type) {
    case 'comparison-started':
      return {
        ...film,
        family: event.family,
        familyHash: event.familyHash,
        device: event.device,
        precision: event.precision,
        lanes: startLanes(film.lanes, event),
      };
    case 'loading': {
      const { what, done, total } = event;
      const loading = done < total ? { what, done, total } : undefined;
      return { ...film, loading, lanes: film.lanes.map((lane) => withLoading(lane, loading)) };
    }
    case 'encoded': {
      const { type: _type, ...encoded } = event;
      return { ...film, encoded };
    }
    case 'lane-started':
      return withLane(film, event.lane, ({ loading: _loaded, ...lane }) => ({ ...lane, status: 'running' }));
    case 'stage':
      return film;
    case 'step':
      return withLane(film, event.lane, (lane) => ({
        ...lane,
        status: 'running',
        caption: event.partial,
        steps: [...lane.steps, event],
      }));
    case 'insight':
      return withLane(film, event.lane, (lane) => ({
        ...lane,
        insights: [...lane.insights.filter(({ kind }) => kind !== event.insight.kind), event.insight],
      }));
    case 'lane-finished':
      return withLane(film, event.lane, (lane) => ({
        ...lane,
        status: 'done',
        caption: event.result.caption,
        result: event.result,
      }));
    case 'lane-failed':
      return withLane(film, event.lane, (lane) => ({
        ...lane,
        status: isUnfit(event.error) ? 'unfit' : endedAs(event.error) === 'cancelled' ? 'stopped' : 'failed',
        error: event.error,
      }));
    case 'comparison-finished':
      return { ...film, loading: undefined };
  }
}

/** Graphs are shared, so that whatever is loaded is loaded for all lanes that have not begun. */
function withLoading({ loading: _before, ...lane }: LaneFilm, loading: Loading | undefined): LaneFilm {
  if (lane.status !== 'waiting' && lane.status !== 'loading') return lane;
  return loading ? { ...lane, status: 'loading', loading } : { ...lane, status: 'waiting' };
}

/**
 * Lanes that start, some perhaps again (another device after the first was lost, or run once more); the others stay.
 */
function startLanes(before: readonly LaneFilm[], { lanes, device }: EventOf<'comparison-started'>): LaneFilm[] {
  const started = lanes.map((lane): LaneFilm => ({ ...newLane(lane), device }));
  const kept = before.map((lane) => started.find(({ id }) => id === lane.id) ?? lane);
  return [...kept, ...started.filter(({ id }) => !before.some((lane) => lane.id === id))];
}

function withLane<F extends Film>(film: F, id: string, change: (lane: LaneFilm) => LaneFilm): F {
  return { ...film, lanes: film.lanes.map((lane) => (lane.id === id ? change(lane) : lane)) };
}

/** The most steps of any lane: how long the film is. */
export const filmLength = (lanes: readonly LaneFilm[]) => Math.max(0, ...lanes.map(({ steps }) => steps.length));

/**
 * The lane wound back to `position` of its steps: its words, beams and insights are of then; its state, and how it
 * ended (`endOf`), stay. At its end, or without a position, as it is.
 */
export function laneAt(lane: LaneFilm, position?: number): LaneFilm {
  if (position === undefined || position >= lane.steps.length) return lane;
  const { result, ...rest } = lane;
  const steps = lane.steps.slice(0, position);
  return {
    ...rest,
    steps,
    // What was told before the first word stays; a map of the finished caption does not yet exist.
    insights: lane.insights.filter(({ kind }) => kind === 'memory' || kind === 'modality'),
    caption: steps.at(-1)?.partial ?? '',
    replay: { step: position, of: lane.steps.length, ...(result ? { result } : {}) },
  };
}

/** A token as a view shows it. */
export type ShownToken = Alternative & {
  entropy?: number;
  alternatives: readonly Alternative[];
  forced?: boolean;
  similarity?: number;
  /** It ends the caption and has no text. */ end: boolean;
};

/**
 * The tokens of a lane's caption with what stood beside each. Of a finished lane its own trail; before that the way
 * back from the
 * leading beam, where alternatives are known only as far as the leader took the same way.
 */
export function shownTokens(lane: LaneFilm): ShownToken[] {
  const trail = lane.result?.trail;
  if (trail) {
    const { length } = lane.result!.tokens;
    // The authors' modes keep the end token, which says nothing, among their tokens.
    const isEnd = (text: string, i: number) => i >= length || (i > 0 && i === trail.length - 1 && text === '');
    return trail.map((choice, i) => ({ ...choice, end: isEnd(choice.text, i) }));
  }
  const last = lane.steps.at(-1);
  if (!last || last.whole) return [];
  const tokens: ShownToken[] = [];
  let index = last.leader ?? 0;
  for (let s = lane.steps.length - 1; s >= 0; s--) {
    const step = lane.steps[s]!;
    const beam = step.pass === last.pass ? step.beams[index] : undefined;
    if (!beam) break;
    const before = s > 0 && lane.steps[s - 1]!.pass === last.pass ? lane.steps[s - 1]!.beams[beam.parent] : undefined;
    const followed = step.beams[step.leader ?? 0]?.parent === beam.parent;
    tokens.push({
      id: beam.token,
      text: beam.text,
      logProb: Math.min(0, beam.logProb - (before?.logProb ?? 0)),
      entropy: beam.entropy,
      alternatives: followed ? step.alternatives : [],
      similarity: (step.leader ?? 0) === index ? step.similarity : undefined,
      end: beam.finished,
    });
    index = beam.parent;
  }
  return tokens.reverse();
}

/** Ids that a branch at a token begins with: what stands before it, and the alternative. */
export function branchTokens(lane: LaneFilm, at: number, alternative: number): number[] {
  return [
    ...shownTokens(lane)
      .slice(0, at)
      .map(({ id }) => id),
    alternative,
  ];
}

/** Tokens a second of the lane's own time on its device. */
export function tokensPerSecond({ tokens, deviceMs }: Pick<LaneResult, 'tokens' | 'deviceMs'>): number {
  return deviceMs > 0 ? (1000 * tokens.length) / deviceMs : 0;
}

export function insightOf<K extends Insight['kind']>(
  lane: LaneFilm,
  kind: K,
): Extract<Insight, { kind: K }> | undefined {
  return lane.insights.find((insight) => insight.kind === kind) as Extract<Insight, { kind: K }> | undefined;
}
