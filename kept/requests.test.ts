import { describe, expect, it } from 'vitest';
import type { EventOf } from '../models/events';
import { type CreateComparison, createInput, saveInput } from './requests';

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

/** A type with every optional field there: a field that is added to it is missing here until somebody tries it. */
type Whole<T> = unknown extends T ? T : T extends object ? { [K in keyof T]-?: Whole<NonNullable<T[K]>> } : T;

const choice = { id: 3, text: ' cat', logProb: -1, entropy: 0.5, alternatives: [{ id: 3, text: ' cat', logProb: -1 }] };
const dropped = { parent: 0, token: 4, text: ' dog', logProb: -2, score: -2, similarity: 0.1 };
const step: Whole<EventOf<'step'>> = {
  type: 'step',
  lane: 'a',
  step: 0,
  token: 3,
  text: ' cat',
  logProb: -1,
  entropy: 0.5,
  alternatives: [{ id: 3, text: ' cat', logProb: -1 }],
  beams: [{ ...dropped, finished: false, entropy: 0.5 }],
  leader: 0,
  dropped: [dropped],
  weighed: 7,
  pass: 0,
  whole: false,
  partial: 'cat',
  similarity: 0.3,
  deviceMs: 2,
};
const finished: Whole<EventOf<'lane-finished'>> = {
  type: 'lane-finished',
  lane: 'a',
  result: {
    caption: 'cat',
    tokens: [3],
    logProb: -1,
    similarity: 0.3,
    similaritySpace: 'pocket',
    optimised: false,
    ownEmbedding: { crop: 'hugging-face', cosine: 1 },
    certainty: 'likely',
    nBest: [{ caption: 'cat', tokens: [3], logProb: -1, score: -1, similarity: 0.3 }],
    trail: [{ ...choice, forced: false, similarity: 0.3 }],
    deviceMs: 2,
    stages: [{ stage: 'step', deviceMs: 2, runs: 1 }],
    memory: { graphs: 10, host: 20, hostKind: 'process' },
    ms: 3,
    firstTokenMs: 1,
    counters: { modelRuns: 1, candidatesScored: 1, textEncodings: 1, textTokensEncoded: 1, textTokensFull: 1 },
  },
};
const failed: Whole<EventOf<'lane-failed'>> = {
  type: 'lane-failed',
  lane: 'a',
  error: { code: 'internal', message: 'x', details: { why: 'y' } },
};
const begun: Whole<EventOf<'comparison-started'>> = {
  type: 'comparison-started',
  family: 'pocket',
  device: { name: 'wasm', adapter: 'x', reason: 'y', instead: 'z' },
  precision: 'fp32',
  familyHash: 'a'.repeat(64),
  lanes: [{ id: 'a', decoder: 'clipcap', options: { beam: 5, prefixTokens: [1, 2] } }],
};

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
