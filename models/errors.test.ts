import { afterEach, expect, it, vi } from 'vitest';
import { StudioError } from './errors';

afterEach(() => vi.restoreAllMocks());

it('tells of an unknown fault without the words of who threw it, which are noted', () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  const thrown = new TypeError("Cannot read properties of undefined (reading 'dims')");
  const error = StudioError.from(thrown);
  expect(error).toMatchObject({ code: 'internal', cause: thrown });
  expect(error.message).toMatch(/^The studio met a fault of its own\. Try again; .*console/);
  expect(log).toHaveBeenCalledExactlyOnceWith(thrown);
});

it('keeps what is the studio’s own, and knows an end by request', () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  const own = new StudioError('busy', 'The queue is full.');
  expect(StudioError.from(own)).toBe(own);
  expect(StudioError.from(new DOMException('x', 'AbortError')).code).toBe('cancelled');
  expect(log).not.toHaveBeenCalled();
});
