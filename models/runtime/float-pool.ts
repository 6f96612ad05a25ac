/** What is kept for later at most: the caches of a gang that steps a full-size language model. */
const mostKept = 2 ** 25;

/**
 * Arrays of floats that are used again: the system gives new memory page by page, which takes longer than a step writes
 * into it. They come with whatever was in them.
 */
export class FloatPool {
  readonly #kept = new Map<number, Float32Array[]>();
  #size = 0;
  /** Arrays that are in use. */
  taken = 0;

  /** An array of at least so many floats. */
  take(length: number): Float32Array {
    this.taken++;
    const size = 2 ** Math.ceil(Math.log2(Math.max(length, 1)));
    const known = this.#kept.get(size)?.pop();
    if (known) this.#size -= size;
    return known ?? new Float32Array(size);
  }

  give(array: Float32Array): void {
    this.taken--;
    if (this.#size + array.length > mostKept) return;
    this.#size += array.length;
    const alike = this.#kept.get(array.length);
    if (alike) alike.push(array);
    else this.#kept.set(array.length, [array]);
  }

  clear(): void {
    this.#kept.clear();
    this.#size = 0;
  }
}
