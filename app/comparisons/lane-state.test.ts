import { describe, expect, it } from 'vitest';
import type { StreamItem } from '../../kept/comparison';
import { applyItem, emptyComparison } from './lane-state';
import { resultOf } from './test-server';

const event = (e: Extract<StreamItem, { kind: 'event' }>['event']): StreamItem => ({ kind: 'event', at: 0, event: e });
const result = resultOf('a dog runs');
const started = event({
  type: 'comparison-started',
  family: 'pocket',
  device: { name: 'cpu' },
  precision: 'fp32',
  lanes: [
    { id: 'a', decoder: 'clipcap', options: { beam: 5 } },
    { id: 'b', decoder: 'coca', options: {} },
  ],
});
const step = event({
  type: 'step',
  lane: 'a',
  step: 0,
  token: 7,
  text: ' a',
  logProb: -1,
  alternatives: [],
  beams: [],
  partial: 'a',
});
const play = (...items: StreamItem[]) => items.reduce(applyItem, emptyComparison);

describe('lane state', () => {
  it('shows words as they arrive and the caption in the end', () => {
    expect(play(started, step).lanes[0]).toMatchObject({
      status: 'running',
      caption: 'a',
      steps: [{ token: 7 }],
      options: { beam: 5 },
    });
    expect(play(started, step, event({ type: 'lane-finished', lane: 'a', result })).lanes[0]).toMatchObject({
      status: 'done',
      caption: 'a dog runs',
    });
  });

  it('keeps a failed lane apart from its neighbours', () => {
    const { lanes } = play(
      started,
      event({ type: 'lane-failed', lane: 'b', error: { code: 'device-failed', message: 'x' } }),
      event({ type: 'lane-finished', lane: 'a', result }),
    );
    expect(lanes.map(({ status }) => status)).toEqual(['done', 'failed']);
  });

  it('marks what was left when a comparison ends early', () => {
    const ended = (status: 'cancelled' | 'interrupted'): StreamItem => ({ kind: 'ended', status });
    expect(
      play(started, event({ type: 'lane-finished', lane: 'a', result }), ended('cancelled')).lanes.map(
        ({ status }) => status,
      ),
    ).toEqual(['done', 'stopped']);
    expect(play(started, ended('interrupted')).lanes.map(({ status }) => status)).toEqual([
      'interrupted',
      'interrupted',
    ]);
  });

  it('says what waits before it', () => {
    expect(play({ kind: 'queued', ahead: 3 })).toMatchObject({ status: 'queued', ahead: 3 });
    expect(play({ kind: 'queued', ahead: 3 }, started).status).toBe('running');
  });
});
