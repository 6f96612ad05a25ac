import type { StreamItem } from '../../kept/comparison';

/** The items of one comparison while it runs: appended to, and read by any number of readers from any item on. */
export class EventLog {
  readonly items: StreamItem[];
  /** Items of an earlier run, with which it begins. */
  readonly stored: number;
  readonly #wake = new Set<() => void>();
  #closed = false;

  constructor(before: readonly StreamItem[] = []) {
    this.items = [...before];
    this.stored = before.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  append(item: StreamItem): void {
    if (this.#closed) return;
    this.items.push(item);
    if (item.kind === 'ended') this.#closed = true;
    const readers = [...this.#wake];
    this.#wake.clear();
    for (const wake of readers) wake();
  }

  /** Items from number `first` on, then each new one as it comes, until `ended` or until the signal fires. */
  async *read(first: number, signal?: AbortSignal): AsyncGenerator<[number, StreamItem]> {
    for (let index = first; !signal?.aborted; index++) {
      while (index >= this.items.length) {
        if (this.#closed || signal?.aborted) return;
        await this.#next(signal);
      }
      yield [index, this.items[index]!];
    }
  }

  #next(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
