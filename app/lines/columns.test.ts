import { describe, expect, it } from 'vitest';
import type { LaneResult } from '../../models/events';
import { laneAt, type LaneFilm, newLane } from '../views/film';
import {
  bestOf,
  columns,
  equalLanes,
  type Line,
  nextSort,
  type Row,
  rowId,
  shownColumns,
  sortLines,
  usualColumns,
} from './columns';

const column = (key: string) => columns.find((each) => each.key === key)!;
const line = (
  id: string,
  result: Partial<LaneResult> = {},
  more: Partial<Omit<Line, 'lane'>> & { decoder?: string } = {},
): Line => ({
  lane: {
    ...newLane({ id, decoder: more.decoder ?? id, options: {} }),
    status: 'done',
    result: {
      ...{ caption: `caption of ${id}`, tokens: [1, 2], logProb: -3, similarity: 0.5, similaritySpace: 'pocket' },
      ...{ optimised: false, nBest: [], deviceMs: 10, ms: 20, firstTokenMs: 5, counters: { modelRuns: 2 } },
      ...result,
    },
  },
  scores: more.scores,
  rating: more.rating,
});
const ids = (lines: readonly Line[]) => lines.map(({ lane }) => lane.id);

describe('the best of a column', () => {
  it('is whoever leads, ties as they read alike, and nobody where all are alike or alone', () => {
    const cos = (...values: number[]) => [
      ...bestOf(
        column('cos'),
        values.map((similarity, i) => line(`l${i}`, { similarity })),
      ),
    ];
    expect(cos(0.6, 0.5)).toEqual(['l0']);
    expect(cos(0.6001, 0.5, 0.60012)).toEqual(['l0', 'l2']);
    expect(cos(0.6, 0.6)).toEqual([]);
    expect(cos(0.6)).toEqual([]);
  });

  it('leaves out who chose the caption by that very cosine, and who is measured in another space', () => {
    const lines = [
      line('iterative', { similarity: 0.9, optimised: true }),
      line('capdec', { similarity: 0.6 }),
      line('decap', { similarity: 0.5 }),
      line('other', { similarity: 0.8, similaritySpace: 'elsewhere' }),
      line('own', { similarity: 0.7, ownEmbedding: { crop: 'hugging-face', cosine: 0.99 } }),
    ];
    expect([...bestOf(column('cos'), lines)]).toEqual(['capdec']);
  });

  it('is no log-probability: decoders differ in their language models, captions in their length', () => {
    expect(bestOf(column('lp'), [line('a', { logProb: -1 }), line('b', { logProb: -9 })]).size).toBe(0);
  });

  it('is the least device time and the most tokens a second', () => {
    const lines = [line('slow', { deviceMs: 100 }), line('fast', { deviceMs: 10 })];
    expect([...bestOf(column('device'), lines)]).toEqual(['fast']);
    expect([...bestOf(column('speed'), lines)]).toEqual(['fast']);
  });
});

describe('sorting', () => {
  it('puts the better first, then last, then all back', () => {
    const cos = column('cos');
    const once = nextSort(undefined, cos);
    expect(once).toEqual({ key: 'cos', down: true });
    expect(nextSort(once, cos)).toEqual({ key: 'cos', down: false });
    expect(nextSort(nextSort(once, cos), cos)).toBeUndefined();
    expect(nextSort(once, column('device'))).toEqual({ key: 'device', down: false });
  });

  it('keeps what may not be ranked behind the others, and what has no value last, in both directions', () => {
    const lines = [
      { lane: newLane({ id: 'idle', decoder: 'x', options: {} }) },
      line('optimised', { similarity: 0.9, optimised: true }),
      line('low', { similarity: 0.1 }),
      line('high', { similarity: 0.2 }),
    ];
    expect(ids(sortLines(lines, { key: 'cos', down: true }))).toEqual(['high', 'low', 'optimised', 'idle']);
    expect(ids(sortLines(lines, { key: 'cos', down: false }))).toEqual(['low', 'high', 'optimised', 'idle']);
  });

  it('compares log-probabilities within a decoder alone', () => {
    const lines = [
      line('clipcap', { logProb: -9 }),
      line('coca', { logProb: -5 }),
      line('clipcap-2', { logProb: -1 }, { decoder: 'clipcap' }),
    ];
    expect(ids(sortLines(lines, { key: 'lp', down: true }))).toEqual(['clipcap-2', 'clipcap', 'coca']);
  });

  it('goes by how a lane ended also where it is wound back', () => {
    const step = { type: 'step', partial: 'a' } as unknown as LaneFilm['steps'][number];
    const back = ({ lane }: Line): Line => ({ lane: laneAt({ ...lane, steps: [step, step] }, 1) });
    const lines = [line('low', { similarity: 0.1 }), line('high', { similarity: 0.2 })].map(back);
    expect(lines[0]!.lane.result).toBeUndefined();
    expect(ids(sortLines(lines, { key: 'cos', down: true }))).toEqual(['high', 'low']);
    expect([...bestOf(column('cos'), lines)]).toEqual(['high']);
  });
});

it('columns are the chosen ones, in one order; those of references only where there are some', () => {
  const keys = (lines: Line[], chosen = usualColumns) => shownColumns(chosen, lines).map(({ key }) => key);
  expect(keys([line('a')])).toEqual(['cos', 'device']);
  expect(keys([line('a', {}, { scores: { bleu4: 0, rougeL: 0.5, ciderD: 1 } })])).toEqual(['cos', 'device', 'ciderD']);
  expect(keys([line('a')], ['tokens', 'lp', 'nosuch'])).toEqual(['lp', 'tokens']);
});

it('lanes of equal captions name the first that says it', () => {
  const lanes = [line('a', { caption: 'a dog' }), line('b', { caption: 'a cat' }), line('c', { caption: 'a dog ' })];
  const equal = equalLanes([...lanes.map(({ lane }) => lane), newLane({ id: 'd', decoder: 'd', options: {} })]);
  expect([...equal].map(([id, lane]) => [id, lane.id])).toEqual([['c', 'a']]);
});

describe('what a person says', () => {
  const said = (id: string, cosine: number, space = 'pocket'): Row => ({
    said: { id, text: id, own: true, at: '', score: { cosine, space } },
  });
  const lane = (id: string, similarity: number): Row => line(id, { similarity });

  it('is ranked among the captions by the cosine of their space, and in no other', () => {
    const rows = [lane('a', 0.4), lane('b', 0.6), said('mine', 0.5), said('elsewhere', 0.9, 'clip'), said('best', 0.7)];
    expect(sortLines(rows, { key: 'cos', down: true }).map(rowId)).toEqual(['best', 'b', 'mine', 'a', 'elsewhere']);
    expect([...bestOf(column('cos'), rows)]).toEqual(['best']);
    // It has no device and no language model.
    expect(sortLines(rows, { key: 'device', down: false }).map(rowId).slice(2)).toEqual(['mine', 'elsewhere', 'best']);
    expect(columns.flatMap(({ key, value }) => (value(said('x', 0.1)) === undefined ? [] : [key]))).toEqual(['cos']);
  });
});
