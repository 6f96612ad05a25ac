import { describe, expect, it } from 'vitest';
import { recordOf } from '../../kept/record';
import { replayReport } from '../../kept/replay';
import { recordSchema } from '../../kept/record-schema';
import { saveInput } from '../../kept/requests';
import type { ComparisonView, StreamItem } from '../../kept/comparison';
import type { LocalComparison } from './local-comparisons';
import { localView } from './local-view';
import { savedForm } from './save-local';
import { resultOf } from './test-server';

const result = (caption: string) => ({ ...resultOf(caption), tokens: [...caption].map((c) => c.charCodeAt(0)) });
const lane = { id: 'a', decoder: 'capdec', options: { seed: 3 } };
const run = (caption: string): LocalComparison['runs'][number] => ({
  device: 'wasm',
  lanes: [lane],
  items: [
    {
      kind: 'event',
      at: 0,
      event: {
        type: 'comparison-started',
        family: 'pocket',
        device: { name: 'wasm' },
        precision: 'fp32',
        familyHash: 'f'.repeat(64),
        lanes: [lane],
      },
    },
    { kind: 'event', at: 1, event: { type: 'encoded', space: 'pocket', ms: 1, norm: 1, values: [1, 0] } },
    { kind: 'event', at: 2, event: { type: 'lane-finished', lane: 'a', result: result(caption) } },
    { kind: 'ended', status: 'finished' },
  ],
});
const local = (change: Partial<LocalComparison> = {}): LocalComparison => ({
  id: 'mine',
  createdAt: Date.UTC(2026, 0, 1),
  family: 'pocket',
  precision: 'fp32',
  embedding: { name: 'words.npy', values: [1, 0], modality: 'text' },
  runs: [run('a dog')],
  references: ['the dog'],
  note: 'mine',
  ...change,
});

describe('a comparison of this browser', () => {
  it('is exported as one that an import takes: events, references and the modality of its embedding', () => {
    const record = recordOf(localView(local()), null);
    expect(recordSchema.safeParse(JSON.parse(JSON.stringify(record))).error?.issues).toBeUndefined();
    expect(record).toMatchObject({
      input: 'embedding',
      modality: 'text',
      references: ['the dog'],
      note: 'mine',
      computedBy: 'client',
      familyHash: 'f'.repeat(64),
      device: { name: 'wasm' },
      lanes: [{ id: 'a', status: 'finished', result: { caption: 'a dog' } }],
    });
  });

  it('is whole with the lanes that ran on the server', () => {
    const view = localView(local({ order: ['b', 'a'] }));
    const there: ComparisonView = {
      ...view,
      id: 'there',
      computedBy: 'server',
      device: { name: 'cpu' },
      lanes: [{ ...view.lanes[0]!, id: 'b' }],
      items: [
        ...view.items
          .slice(0, -1)
          .map((item) => JSON.parse(JSON.stringify(item).replaceAll('"a"', '"b"')) as StreamItem),
        { kind: 'ended', status: 'cancelled' },
      ],
      status: 'cancelled',
    };
    const whole = localView(local({ order: ['b', 'a'] }), there);
    expect(whole.lanes.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(recordSchema.safeParse(JSON.parse(JSON.stringify(recordOf(whole, null)))).error?.issues).toBeUndefined();
    expect([whole.status, whole.items.filter(({ kind }) => kind === 'ended')]).toEqual([
      'cancelled',
      [{ kind: 'ended', status: 'cancelled' }],
    ]);
  });

  it('that ran twice is saved with each lane once, and says what it is of', () => {
    const saved = savedForm(local({ runs: [run('a dog'), run('a cat')] }), { picture: false, embedding: false });
    expect(saveInput.safeParse(saved).error?.issues).toBeUndefined();
    expect(saved).toMatchObject({
      lanes: [lane],
      input: 'embedding',
      modality: 'text',
      references: ['the dog'],
      status: 'finished',
    });
    expect(saved.embedding).toBeUndefined();
    expect(JSON.stringify(saved)).not.toMatch(/"values"|"note"/);
  });

  it('is replayed to the same tokens, or the first that differs is told', () => {
    const before = localView(local());
    expect(replayReport(before, localView(local({ id: 'again' })))).toMatchObject({ same: true, differences: [] });
    expect(replayReport(before, localView(local({ id: 'again', runs: [run('a cat')] })))).toMatchObject({
      same: false,
      lanes: [{ firstDifference: 2, before: 'a dog', after: 'a cat' }],
    });
  });
});
