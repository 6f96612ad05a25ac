import { describe, expect, it } from 'vitest';
import { ciderD } from '../../models/metrics/cider';
import { familyDirs } from '../weights/folders';
import { memoryFrequencies } from './frequencies';

describe('CIDEr-D of one photo', () => {
  const references = ['a brown dog runs over the grass', 'a dog chases a ball in a meadow'];
  const grams = ['a', 'dog', 'brown', 'runs', 'grass', 'a brown', 'brown dog', 'dog runs', 'glorpsnitch'];

  it('counts sentences, not occurrences, and says where the counts come from', async () => {
    const { images, counts, source } = await memoryFrequencies('pocket', grams, familyDirs());
    expect(images).toBeGreaterThan(1000);
    expect(source).toContain('text memory');
    for (const gram of grams) expect(counts[gram]).toBeLessThanOrEqual(images);
    expect(counts.a!).toBeGreaterThan(counts.dog!);
    expect(counts.dog!).toBeGreaterThan(counts['brown dog']!);
    expect(counts.glorpsnitch).toBe(0);
  });

  it('ranks what says the same above what shares only common words', async () => {
    const { images, counts } = await memoryFrequencies('pocket', grams, familyDirs());
    const frequencies = { images, counts: new Map(Object.entries(counts)) };
    const score = (caption: string) =>
      ciderD(
        [{ candidate: caption.split(' '), references: references.map((reference) => reference.split(' ')) }],
        frequencies,
      )[0]!;
    expect(score('a brown dog runs')).toBeGreaterThan(score('a man on a bench') + 0.5);
  });
});
