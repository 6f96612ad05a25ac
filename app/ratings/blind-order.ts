import { seeded } from '@/models/random';

/** An order by chance that is the same for the same seed and comparison, and another one for each comparison. Pure. */
export function blindOrder<T extends { id: string }>(lanes: readonly T[], seed: number, comparison = ''): T[] {
  const place = new Map(lanes.map(({ id }) => [id, seeded(hash(`${seed} ${comparison} ${id}`))()]));
  return [...lanes].sort((a, b) => place.get(a.id)! - place.get(b.id)!);
}

/** What a lane is called while its name is hidden. */
export const letterOf = (index: number) => String.fromCharCode(65 + index);

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0)!, 0x01000193);
  return value >>> 0;
}
