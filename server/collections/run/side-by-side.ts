/**
 * Works on up to `width` items at once and yields what came of them in their order. `begin` gets an item ready, one
 * after the other, and gives back what works on it. @throws what an item fails with, when it is its turn
 */
export async function* sideBySide<T, A>(
  items: readonly T[],
  width: number,
  begin: (item: T) => Promise<() => Promise<A>>,
): AsyncGenerator<{ item: T; answer: A }, void, void> {
  const working: { item: T; answer: Promise<A> }[] = [];
  let next = 0;
  for (;;) {
    while (working.length < width && next < items.length) {
      const item = items[next++]!;
      const answer = (await begin(item))();
      // Its fault is told when its turn comes, which may be never.
      answer.catch(() => undefined);
      working.push({ item, answer });
    }
    const first = working.shift();
    if (!first) return;
    yield { item: first.item, answer: await first.answer };
  }
}
