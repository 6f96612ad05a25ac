/** What is kept for later at most, in floats: while caches are in use, and while none is. */
const mostKept = 2 ** 25;
const mostIdle = 2 ** 22;

/**
 * Arrays of floats that are used again: the system gives new memory page by page, which takes longer than a step writes
 * into it. They come with whatever was in them.
 */
export class FloatPool {
  readonly #kept: Float32Array[] = [];
  #size = 0;
  /** Arrays that are in use. */
  taken = 0;

  /** @param free gives memory back at once, where the host can */
  constructor(private readonly free?: (memory: ArrayBuffer) => void) {}

  /** An array of at least so many floats. */
  take(length: number): Float32Array {
    this.taken++;
    const size = 2 ** Math.ceil(Math.log2(Math.max(length, 1)));
    const at = this.#kept.findLastIndex((array) => array.length === size);
    if (at < 0) return new Float32Array(size);
    this.#size -= size;
    return this.#kept.splice(at, 1)[0]!;
  }

  give(array: Float32Array): void {
    this.taken--;
    this.#kept.push(array);
    this.#size += array.length;
    this.#shrink(this.taken ? mostKept : mostIdle);
  }

  clear(): void {
    this.#shrink(0);
  }

  /** Lets go what was given first. */
  #shrink(most: number): void {
    while (this.#size > most) {
      const { length, buffer } = this.#kept.shift()!;
      this.#size -= length;
      this.free?.(buffer as ArrayBuffer);
    }
  }
}
