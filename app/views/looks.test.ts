import { describe, expect, it } from 'vitest';
import { laneTitle } from './looks';

describe('the title of a lane', () => {
  it('tells its decoder, its number, its value of a sweep and whose way of decoding it follows', () => {
    const title = (id: string, options?: Record<string, unknown>) => laneTitle({ id, decoder: 'coca', options });
    expect(title('coca')).toBe('CoCa');
    expect(title('coca-2', { mode: 'studio', beam: 5 })).toBe('CoCa 2');
    expect(title('coca-2', { mode: 'open_clip-main' })).toBe('CoCa 2 · open_clip-main');
    expect(title('coca..beam.5')).toBe('CoCa · beam 5');
    expect(title('coca..beam.5', { beam: 7, mode: 'studio' })).toBe('CoCa · beam 7');
    expect(title('coca-2..rerank.0.5', { rerank: 0.5 })).toBe('CoCa 2 · rerank 0.5');
    expect(title('coca..beam.5..maxTokens.12', { beam: 5, maxTokens: 12 })).toBe('CoCa · beam 5 · maxTokens 12');
    expect(title('coca..beam.5', { beam: 5, mode: 'open_clip-main' })).toBe('CoCa · open_clip-main · beam 5');
    expect(title('coca..mode.open_clip-main', { mode: 'open_clip-main' })).toBe('CoCa · mode open_clip-main');
  });
});
