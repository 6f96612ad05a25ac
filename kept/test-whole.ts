import type { EventOf } from '../models/events';

/** A type with every optional field there: a field that is added to it is missing here until somebody tries it. */
export type Whole<T> = unknown extends T ? T : T extends object ? { [K in keyof T]-?: Whole<NonNullable<T[K]>> } : T;

const choice = { id: 3, text: ' cat', logProb: -1, entropy: 0.5, alternatives: [{ id: 3, text: ' cat', logProb: -1 }] };
const dropped = { parent: 0, token: 4, text: ' dog', logProb: -2, score: -2, similarity: 0.1 };
export const step: Whole<EventOf<'step'>> = {
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
export const finished: Whole<EventOf<'lane-finished'>> = {
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
export const failed: Whole<EventOf<'lane-failed'>> = {
  type: 'lane-failed',
  lane: 'a',
  error: { code: 'internal', message: 'x', details: { why: 'y' } },
};
export const begun: Whole<EventOf<'comparison-started'>> = {
  type: 'comparison-started',
  family: 'pocket',
  device: { name: 'wasm', adapter: 'x', reason: 'y', instead: 'z' },
  precision: 'fp32',
  familyHash: 'a'.repeat(64),
  lanes: [{ id: 'a', decoder: 'clipcap', options: { beam: 5, prefixTokens: [1, 2] } }],
};
