import { describe, expect, it } from 'vitest';
import type { LaneResult } from '../../models/events';
import { numbersIn } from '../languages/numbers';
import { translator } from '../languages/translator';
import { newLane } from '../views/film';
import { columns, type Line } from './columns';
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
