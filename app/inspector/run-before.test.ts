import { describe, expect, it } from 'vitest';
import type { LaneFilm } from '../views/film';
import { changedOptions, noRuns, seeRuns } from './run-before';

const lane = (id: string, caption: string | undefined, ms = 1, options: LaneFilm['options'] = {}) => {
  const result = caption === undefined ? undefined : { caption, ms, deviceMs: ms, firstTokenMs: 1 };
  return { id, options, result } as LaneFilm;
};

describe('the run before', () => {
  it('is the last one that ended in this visit, while the next one runs too', () => {
    const first = seeRuns(noRuns, 'photo', [lane('a', 'a dog', 1, { beam: 5 }), lane('b', 'a cat')]);
    expect(first.pairs.size).toBe(0);
    const running = seeRuns(first, 'photo', [lane('a', undefined), lane('b', 'a cat')]);
    expect(running).toBe(first);
    const second = seeRuns(running, 'photo', [lane('a', 'a brown dog', 2, { beam: 1 }), lane('b', 'a cat')]);
    expect([...second.pairs.keys()]).toEqual(['a']);
    expect(second.pairs.get('a')).toMatchObject({
      before: { caption: 'a dog', options: { beam: 5 } },
      now: { caption: 'a brown dog', options: { beam: 1 } },
    });
    // Once more, to the same words: nothing changed, which is told too.
    const third = seeRuns(second, 'photo', [lane('a', 'a brown dog', 3), lane('b', 'a cat')]);
    expect(third.pairs.get('a')).toMatchObject({ before: { caption: 'a brown dog' }, now: { caption: 'a brown dog' } });
  });

  it('is not the same run told twice, nor one of another photo', () => {
    const first = seeRuns(noRuns, 'photo', [lane('a', 'a dog', 7)]);
    expect(seeRuns(first, 'photo', [lane('a', 'a dog', 7)])).toBe(first);
    const other = seeRuns(first, 'another', [lane('a', 'a horse', 8)]);
    expect(other.pairs.size).toBe(0);
    expect(seeRuns(other, 'another', [])).toBe(other);
  });

  it('differs by options, by name', () => {
    expect(changedOptions({ beam: 5, search: 'beam' }, { beam: 1, search: 'beam', prefixTokens: [3, 4] })).toEqual([
      { name: 'beam', from: '5', to: '1' },
      { name: 'prefixTokens', from: '–', to: '[3 4]' },
    ]);
    expect(changedOptions({ beam: 5 }, { beam: 5 })).toEqual([]);
  });
});
