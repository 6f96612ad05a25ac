import { recordFormat } from '../../../kept/record';
import type { ComparisonRecord, StreamItem } from '../../../kept/record-schema';
import { contentHash } from '../../history/hash';

const comparisonBytes = 2e6;

/**
 * An export of about `megabytes` (10^6 bytes) of JSON, in comparisons of 2 MB with all their steps, as a beam search
 * leaves them. Every comparison is right and the hash at the end is not, so an import reads and checks all of it and
 * keeps nothing.
 */
export function largeExport(megabytes: number): string {
  const record = comparison();
  const count = Math.max(1, Math.round((megabytes * 1e6) / JSON.stringify(record).length));
  const one = JSON.stringify({ hash: contentHash(record), comparison: record, picture: null });
  const comparisons = Array<string>(count).fill(one);
  return `${JSON.stringify({ ...recordFormat, hash: '0'.repeat(64) }).slice(0, -1)},"comparisons":[${comparisons.join(',')}]}`;
}

function comparison(): ComparisonRecord {
  const steps: StreamItem[] = [];
  for (let bytes = 0; bytes < comparisonBytes; bytes += JSON.stringify(steps.at(-1)).length)
    steps.push(step(steps.length));
  return {
    createdAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:01:00.000Z',
    status: 'cancelled',
    title: 'Made for measuring',
    note: '',
    family: 'pocket',
    familyHash: null,
    weightHashes: null,
    appVersion: null,
    precision: null,
    device: null,
    input: 'embedding',
    computedBy: 'server',
    picture: null,
    embedding: Array.from({ length: 512 }, (_, i) => Math.sin(i)),
    modality: 'image',
    error: null,
    lanes: [{ id: 'clipcap', decoder: 'clipcap', options: {}, status: 'cancelled', result: null, error: null }],
    items: [...steps, { kind: 'ended', status: 'cancelled' }],
  };
}

const words = ['a', ' brown', ' dog', ' runs', ' over', ' the', ' wet', ' grass', ' by', ' its', ' ball'];
const word = (n: number) => words[n % words.length]!;
const ranked = (n: number, i: number) => ({
  token: (n * 31 + i) % 4_000,
  text: word(n + i),
  logProb: -Math.sqrt(n + i),
});

function step(n: number): StreamItem {
  const five = Array.from({ length: 5 }, (_, i) => i);
  return {
    kind: 'event',
    at: n * 7.25,
    event: {
      type: 'step',
      lane: 'clipcap',
      step: n % 40,
      ...ranked(n, 0),
      alternatives: five.map((i) => ({ id: ranked(n, i).token, text: word(n + i), logProb: ranked(n, i).logProb })),
      beams: five.map((i) => ({ parent: i, ...ranked(n, i), score: -Math.sqrt(n + i) / 7, finished: false })),
      leader: 0,
      partial: five.map((i) => word(n + i)).join(''),
    },
  };
}
