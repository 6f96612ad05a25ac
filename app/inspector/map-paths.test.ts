import { describe, expect, it } from 'vitest';
import { mapPaths, strongestCell, unpackMaps } from './map-paths';

describe('maps of attention', () => {
  it('become a path for each shade, with every cell that is seen in its place', () => {
    expect(mapPaths(Uint8Array.of(255, 0, 10, 255, 180, 0), 3)).toEqual([
      { opacity: 0.5, d: 'M1 1h1v1h-1z' },
      { opacity: 1, d: 'M0 0h1v1h-1zM0 1h1v1h-1z' },
    ]);
    expect(mapPaths(new Uint8Array(6), 3)).toEqual([]);
  });

  it('of any size have few paths', () => {
    const cells = Uint8Array.from({ length: 1024 }, (_, i) => (i * 37) % 256);
    expect(mapPaths(cells, 32).length).toBeLessThanOrEqual(10);
  });

  it('are read from what is stored, and tell where they are strongest', () => {
    const cells = unpackMaps(btoa('\u0001\u00ff\u0002'));
    expect([...cells]).toEqual([1, 255, 2]);
    expect(strongestCell(cells)).toBe(1);
    expect(strongestCell(new Uint8Array())).toBeUndefined();
  });
});
