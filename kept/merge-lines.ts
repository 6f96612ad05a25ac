/**
 * Lines that two people changed at once: `kept` without those that were taken away between `before` and `after`, then
 * those that were added there. Where nobody else changed them that is `after`, in its order. Pure.
 */
export function mergeLines(kept: readonly string[], before: readonly string[], after: readonly string[]): string[] {
  if (kept.length === before.length && kept.every((line, i) => line === before[i])) return [...after];
  const gone = before.filter((line) => !after.includes(line));
  const stays = kept.filter((line) => !gone.includes(line));
  return [...stays, ...after.filter((line) => !before.includes(line) && !stays.includes(line))];
}
