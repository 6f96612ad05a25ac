import { describe, expect, it } from 'vitest';
import type { StudioClient } from '../client/client';
import { frequenciesFrom, parts } from './frequencies';

const grams = Array.from({ length: 3000 }, (_, i) => `a “brown” dog runs ${i}`);

describe('document frequencies for many references', () => {
  it('are asked for in questions that fit into an address, and put together', async () => {
    const asked: string[][] = [];
    const query = async ({ grams: part }: { grams: string[] }) => {
      asked.push(part);
      return { images: 7, counts: Object.fromEntries(part.map((gram) => [gram, 2])), source: 'sentences' };
    };
    const client = { studio: { frequencies: { query } } } as unknown as StudioClient;
    const { images, counts } = await frequenciesFrom(client, 'pocket', grams);
    expect(images).toBe(7);
    expect(Object.keys(counts)).toEqual(grams);
    expect(asked.length).toBeGreaterThan(1);
    for (const part of asked) expect(encodeURIComponent(JSON.stringify(part)).length).toBeLessThan(9_000);
    const before = asked.length;
    await frequenciesFrom(client, 'pocket', grams);
    expect(asked.length).toBe(before);
  });
  it('are one question where there is nothing or little', () => {
    expect(parts([])).toEqual([[]]);
    expect(parts(['a'.repeat(20_000), 'b'])).toEqual([['a'.repeat(20_000)], ['b']]);
  });
});
