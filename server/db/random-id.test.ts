import { expect, it } from 'vitest';
import { randomId } from './random-id';

it('is taken for no flag on a command line, and fits into an address as it is', () => {
  // One in 64 of all would begin with a dash.
  const ids = Array.from({ length: 2000 }, randomId);
  expect(ids.filter((id) => !/^[\w][\w-]{21}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
