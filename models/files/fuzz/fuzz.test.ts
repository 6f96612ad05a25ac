import { describe, expect, it } from 'vitest';
import { originals, tryMutant } from './run';

describe('500 damaged or hostile checkpoints (10,000: npm run proof -- fuzz)', () => {
  it('are read or refused by name: no crash, no hang, no memory beyond reason', () => {
    const files = originals();
    const before = process.memoryUsage().rss;
    const outcomes = { read: 0, refused: 0 };
    let slowest = 0;
    for (let seed = 0; seed < 500; seed++) {
      const start = performance.now();
      const outcome = tryMutant(files, seed);
      slowest = Math.max(slowest, performance.now() - start);
      if (typeof outcome === 'object') expect.fail(`mutant ${seed}: ${outcome.crash}`);
      outcomes[outcome]++;
    }
    expect(slowest).toBeLessThan(2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(1e9);
    // Mutants that are all refused at once, or all read, would test little.
    expect(outcomes.read).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(200);
  });
});
