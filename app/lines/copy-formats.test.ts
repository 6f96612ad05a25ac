import { describe, expect, it } from 'vitest';
import type { LaneResult } from '../../models/events';
import { numbersIn } from '../languages/numbers';
import { translator } from '../languages/translator';
import { newLane } from '../views/film';
import { columns, type Line, type Row } from './columns';
import { copied } from './copy-formats';

const result = (caption: string): LaneResult => ({
  ...{ caption, tokens: [1, 2, 3], logProb: -4.25, similarity: 0.61, similaritySpace: 'pocket', optimised: false },
  ...{ certainty: 'unsure', nBest: [], deviceMs: 30, ms: 50, firstTokenMs: 12, counters: { modelRuns: 3 } },
});
const lines: Line[] = [
  {
    lane: {
      ...newLane({ id: 'clipcap', decoder: 'clipcap', options: { beam: 3 } }),
      status: 'done',
      result: result('a dog | a *cat*'),
    },
  },
  { lane: { ...newLane({ id: 'decap', decoder: 'decap', options: {} }), status: 'stopped', caption: 'a brown' } },
  {
    lane: {
      ...newLane({ id: 'coca', decoder: 'coca', options: {} }),
      status: 'unfit',
      error: { code: 'needs-image', message: 'It reads a photo.' },
    },
  },
];
const told = {
  shown: columns.filter(({ key }) => key === 'cos' || key === 'tokens'),
  t: translator('en', {}),
  numbers: numbersIn('en'),
};

const own: Row[] = [
  {
    said: {
      ...{ id: 'one', text: 'my\ndog', own: true, at: '2026-01-01T00:00:00.000Z', by: 'local' },
      score: { cosine: 0.7, space: 'pocket' },
    },
  },
  { said: { id: 'two', text: 'a dog', lane: 'clipcap', own: false, at: '2026-01-01T00:00:00.000Z', by: 'local' } },
  { said: { id: 'three', text: 'a big dog', lane: 'decap', own: true, at: '2026-01-01T00:00:00.000Z' } },
];

describe('captions to paste, a person’s own among them', () => {
  // As they stand: the best first.
  const rows = [own[0]!, ...lines, ...own.slice(1)];
  it('say in each format whose they are', () => {
    expect(copied('text', rows, told).split('\n')).toEqual([
      'you: my dog',
      'ClipCap: a dog | a *cat*',
      'DeCap: a brown',
      'you, accepted from ClipCap: a dog',
      'you, made of DeCap: a big dog',
      '',
    ]);
    expect(copied('markdown', rows, told)).toContain('| you | my dog | 0.700 |  |\n| ClipCap |');
    const read = JSON.parse(copied('json', rows, told)) as Record<string, unknown>[];
    expect(read[0]).toEqual({
      ...{ person: 'local', own: true, at: '2026-01-01T00:00:00.000Z', caption: 'my\ndog', space: 'pocket' },
      cosine: 0.7,
    });
    expect(read[4]).toMatchObject({ person: 'local', own: false, from: 'clipcap', caption: 'a dog' });
    expect(read[4]).not.toHaveProperty('decoder');
  });
});

describe('captions to paste', () => {
  it('as text: a line each, what a stopped lane said too', () => {
    expect(copied('text', lines, told)).toBe('ClipCap: a dog | a *cat*\nDeCap: a brown\n');
  });

  it('as a Markdown table of the columns that are shown, whose cells no caption ends', () => {
    expect(copied('markdown', lines, told)).toBe(
      [
        '| lane | caption | cos | tokens |',
        '| --- | --- | ---: | ---: |',
        '| ClipCap | a dog \\| a \\*cat\\* | 0.610 | 3 |',
        '| DeCap | a brown |  |  |',
        '',
      ].join('\n'),
    );
  });

  it('as JSON: every lane, how it ended, and every number unrounded', () => {
    const read = JSON.parse(copied('json', lines, told)) as Record<string, unknown>[];
    expect(read).toMatchObject([
      {
        lane: 'clipcap',
        options: { beam: 3 },
        status: 'done',
        trust: 'unsure',
        cosine: 0.61,
        logProb: -4.25,
        tokens: 3,
      },
      { lane: 'decap', status: 'stopped', caption: 'a brown' },
      { lane: 'coca', status: 'unfit', caption: null, error: { code: 'needs-image' } },
    ]);
    expect(read[1]).not.toHaveProperty('cosine');
  });
});
