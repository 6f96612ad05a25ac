export type WordChange = { text: string; kind: 'same' | 'added' | 'gone' };

/**
 * The words of two captions in order, by their longest common subsequence: what both say, what only the later says
 * (added), and what only the earlier said (gone, before what stands in its place). Letters' case counts.
 */
export function wordChanges(before: string, after: string): WordChange[] {
  const [old, now] = [before, after].map((caption) => caption.split(/\s+/).filter(Boolean)) as [string[], string[]];
  // common[i][j]: how many words old from i and now from j have in common, in order.
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      common[i]![j] = old[i] === now[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const changes: WordChange[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      changes.push({ text: now[j]!, kind: 'same' });
      i++;
      j++;
    } else if (i < old.length && (j === now.length || common[i + 1]![j]! >= common[i]![j + 1]!))
      changes.push({ text: old[i++]!, kind: 'gone' });
    else changes.push({ text: now[j++]!, kind: 'added' });
  }
  return changes;
}
