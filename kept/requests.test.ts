import { describe, expect, it } from 'vitest';
import { type CreateComparison, createInput, saveInput } from './requests';
import { begun, failed, finished, step, type Whole } from './test-whole';

const lanes = [{ id: 'a', decoder: 'clipcap', options: { beam: 5 } }];
const started = {
  kind: 'event',
  at: 0,
  event: { type: 'comparison-started', family: 'pocket', device: { name: 'wasm' }, precision: 'fp32', lanes },
};
const good = {
  family: 'pocket',
  precision: 'fp32',
  device: { name: 'webgpu', adapter: 'x' },
  lanes,
  items: [started],
  status: 'finished',
};
const withEvent = (event: unknown) => ({ ...good, items: [started, { kind: 'event', at: 1, event }] });

describe('what a browser may save', () => {
  it('is a comparison of the known shape', () => {
    expect(saveInput.safeParse(good).success).toBe(true);
    expect(saveInput.safeParse(withEvent({ type: 'encoded', space: 'pocket', ms: 3, norm: 2 })).success).toBe(true);
  });

  it.each([
    ['no event', { ...good, items: [] }],
    ['an event that nobody knows', withEvent({ type: 'script', text: 'x' })],
    ['the embedding inside an event', withEvent({ type: 'encoded', space: 'pocket', ms: 3, norm: 2, values: [1, 2] })],
    [
      'a caption without end',
      withEvent({ type: 'lane-failed', lane: 'a', error: { code: 'internal', message: 'x'.repeat(5_000) } }),
    ],
    ['a running state', { ...good, status: 'running' }],
    ['a path for a picture', { ...good, imageId: '../../etc' }],
    ['a number that is none', { ...good, embedding: [NaN] }],
    ['too many lanes', { ...good, lanes: Array.from({ length: 17 }, (_, i) => ({ ...lanes[0], id: `l${i}` })) }],
    ['a rating beyond five stars', { ...good, ratings: { a: { stars: 6, blind: true } } }],
    ['a field of its own', { ...good, owner: 'me' }],
  ])('%s is refused', (_, input) => {
    expect(saveInput.safeParse(input).success).toBe(false);
  });
});

describe('every field that the types know passes where it is taken in', () => {
  it.each([begun, step, finished, failed].map((event) => [event.type, event] as const))('of %s', (_, event) => {
    expect(saveInput.parse(withEvent(event)).items[1]!.event).toEqual(event);
  });

  it('of a request', () => {
    const request: Whole<CreateComparison> = {
      input: { kind: 'embedding', values: [1, 2], modality: 'text' },
      lanes: [{ id: 'a', decoder: 'clipcap', options: { beam: 5 } }],
      family: 'pocket',
      precision: 'q8',
      title: 'cat',
    };
    expect(createInput.parse(request)).toEqual(request);
  });
});
