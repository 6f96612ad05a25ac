import { expect, it } from 'vitest';
import { mergeLines } from './merge-lines';
import { joinSaid, withSaid } from './person-captions';

it('lines that two changed at once keep what each added and lose what each took away', () => {
  expect(mergeLines(['a', 'b'], ['a', 'b'], ['b', 'a', 'c'])).toEqual(['b', 'a', 'c']);
  expect(mergeLines(['a', 'b', 'theirs'], ['a', 'b'], ['b', 'mine'])).toEqual(['b', 'theirs', 'mine']);
  expect(mergeLines(['b'], ['a', 'b'], ['a', 'b', 'mine'])).toEqual(['b', 'mine']);
  expect(mergeLines(['same'], [], ['same'])).toEqual(['same']);
});

it('captions of a person that are kept in two places are joined without doubles, the last change counts', () => {
  const one = { id: '1', text: 'old', own: true, at: '2026-01-01T00:00:00.000Z', by: 'local' };
  const newer = { ...one, text: 'new', at: '2026-01-02T00:00:00.000Z' };
  const two = { ...one, id: '2' };
  expect(joinSaid([one, two], [newer])).toEqual([newer, two]);
  expect(joinSaid([newer], [one])).toEqual([newer]);
  expect(withSaid([one, two], newer)).toEqual([newer, two]);
});
