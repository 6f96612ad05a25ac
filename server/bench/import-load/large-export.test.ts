import { describe, expect, it } from 'vitest';
import { checkComparison, openExport } from '../../history/check-export';
import { largeExport } from './large-export';

describe('the export that imports are measured with', () => {
  it('is as large as was asked for, and right in each of its comparisons', async () => {
    const bytes = new TextEncoder().encode(largeExport(6));
    expect(bytes.length).toBeGreaterThan(5e6);
    expect(bytes.length).toBeLessThan(8e6);
    const { count, comparison } = openExport(bytes);
    expect(count).toBe(3);
    for (let n = 0; n < count; n++) await checkComparison(comparison(n), `${n}`);
  });
});
