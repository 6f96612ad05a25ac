import { forbidden } from './attention-bias';
import { hidesNext } from './padding-mask';

type Node = { token: number; parent: number; depth: number };
const root = -1;

/**
 * Many texts in one sequence: each token stands in it once for all texts that begin alike up to it, and sees those
 * before it in its own text alone. Places count in the order in which tokens were added, so none stands before what it
 * follows.
 */
export class TokenTree {
  #nodes: Node[] = [];
  #children = new Map<string, number>();

  get size(): number {
    return this.#nodes.length;
  }

  /** The place of the last of these tokens; those that no text has yet are added. */
  add(tokens: readonly number[]): number {
    let at = root;
    for (const token of tokens) {
      const key = `${at} ${token}`;
      const known = this.#children.get(key);
      if (known === undefined) this.#children.set(key, this.#grow(token, at));
      at = this.#children.get(key)!;
    }
    return at;
  }

  /** The same for a whole text: its last token is of this text alone. */
  addWhole(tokens: readonly number[]): number {
    return this.#grow(tokens.at(-1)!, this.add(tokens.slice(0, -1)));
  }

  /** Takes back what was added since it had this size. */
  shrink(size: number): void {
    this.#nodes.length = size;
    for (const [key, place] of this.#children) if (place >= size) this.#children.delete(key);
  }

  /** Leaves the tokens that lead to these places. @returns where they were, in their order */
  keep(places: readonly number[]): number[] {
    const wanted = new Set<number>();
    for (const place of places) for (let at = place; at !== root; at = this.#nodes[at]!.parent) wanted.add(at);
    const kept = [...wanted].sort((a, b) => a - b);
    const moved = new Map(kept.map((old, i) => [old, i]));
    this.#nodes = kept.map((old) => {
      const { parent, ...node } = this.#nodes[old]!;
      return { ...node, parent: moved.get(parent) ?? root };
    });
    this.#children = new Map(this.#nodes.map(({ token, parent }, place) => [`${parent} ${token}`, place]));
    return kept;
  }

  /** Tokens from a place on, and how many stand before each in its text. */
  from(place: number): { tokens: number[]; depths: number[] } {
    const fresh = this.#nodes.slice(place);
    return { tokens: fresh.map(({ token }) => token), depths: fresh.map(({ depth }) => depth) };
  }

  /**
   * What each token from a place on sees, [size - place, size], to be added to the scores; `shifted`: by open_clip's
   * mask of padding (padding-mask.ts).
   */
  bias(place: number, shifted: boolean): Float32Array {
    const { size } = this;
    const values = new Float32Array((size - place) * size).fill(forbidden);
    for (let query = place; query < size; query++)
      for (let key = query; key !== root; key = this.#nodes[key]!.parent) {
        const before = this.#nodes[this.#nodes[key]!.parent];
        if (!shifted || !before || !hidesNext(before.token)) values[(query - place) * size + key] = 0;
      }
    return values;
  }

  #grow(token: number, parent: number): number {
    this.#nodes.push({ token, parent, depth: parent === root ? 0 : this.#nodes[parent]!.depth + 1 });
    return this.#nodes.length - 1;
  }
}
