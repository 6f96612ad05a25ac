/** Bytes of stored maps (base64). */
export const unpackMaps = (maps: string): Uint8Array =>
  Uint8Array.from(atob(maps), (character) => character.charCodeAt(0));

/** So many shades tell a map apart; each is one path, however many cells have it. */
const shades = 10;

/**
 * A map as paths over its grid, one for each shade: `cells` are bytes, row by row, the greatest 255; `d` counts cells
 * of 1 × 1. What would not be seen is left out.
 */
export function mapPaths(cells: Uint8Array, columns: number): { opacity: number; d: string }[] {
  const paths = new Map<number, string>();
  for (const [cell, value] of cells.entries()) {
    const shade = Math.round((value / 255) ** 2 * shades);
    if (!shade) continue;
    paths.set(shade, `${paths.get(shade) ?? ''}M${cell % columns} ${Math.floor(cell / columns)}h1v1h-1z`);
  }
  return [...paths].sort(([a], [b]) => a - b).map(([shade, d]) => ({ opacity: shade / shades, d }));
}

/** Index of the strongest cell; undefined for an empty map. */
export function strongestCell(cells: Uint8Array): number | undefined {
  let best: number | undefined;
  for (const [cell, value] of cells.entries()) if (best === undefined || value > cells[best]!) best = cell;
  return best;
}
