/**
 * Works on up to `width` items at once and yields what came of them in their order; the next is begun before an answer
 * is handed on. `begin` gets an item ready, one after the other, and gives back what works on it.
 * @throws what an item fails with, when it is its turn
 */
export async function* sideBySide<T, A>(
  items: readonly T[],
  width: number,
  begin: (item: T) => Promise<() => Promise<A>>,
): AsyncGenerator<{ item: T; answer: A }, void, void> {
  const working: { item: T; answer: Promise<A> }[] = [];
  let next = 0;
  let ready: Promise<unknown> = Promise.resolve();
  const fill = () => {
    while (working.length < width && next < items.length) {
      const item = items[next++]!;
      const begun = ready.then(() => begin(item));
      ready = begun.catch(() => undefined);
      const answer = begun.then((work) => work());
      // Its fault is told when its turn comes, which may be never.
      answer.catch(() => undefined);
      working.push({ item, answer });
    }
  };
  fill();
  for (let first = working.shift(); first; first = working.shift()) {
    const answer = await first.answer;
    fill();
    yield { item: first.item, answer };
  }
}
