import { describe, expect, it } from 'vitest';
import { shiftedPaddingMask } from './padding-mask';
import { TokenTree } from './token-tree';

/** Tokens that the token at a place sees, in the order of their places. */
const seen = (tree: TokenTree, place: number, shifted = false) => {
  const { tokens } = tree.from(0);
  const row = tree.bias(place, shifted).subarray(0, tree.size);
  return tokens.filter((_, key) => row[key] === 0);
};

describe('a tree of tokens', () => {
  it('holds a token once for all texts that begin alike, and the last of a whole text for itself', () => {
    const tree = new TokenTree();
    const first = tree.addWhole([1, 5, 6, 2]);
    const second = tree.addWhole([1, 5, 9, 2]);
    const again = tree.addWhole([1, 5, 6, 2]);
    expect(tree.from(0)).toEqual({ tokens: [1, 5, 6, 2, 9, 2, 2], depths: [0, 1, 2, 3, 2, 3, 3] });
    expect(seen(tree, first)).toEqual([1, 5, 6, 2]);
    expect(seen(tree, second)).toEqual([1, 5, 9, 2]);
    expect(seen(tree, again)).toEqual([1, 5, 6, 2]);
    expect(tree.add([1, 5, 6])).toBe(2);
  });

  it('keeps what leads to some places, and goes on from there', () => {
    const tree = new TokenTree();
    for (const last of [6, 7, 8]) tree.addWhole([1, 5, last, 2]);
    expect(tree.keep([tree.add([1, 5, 7]), tree.add([1, 5])])).toEqual([0, 1, 4]);
    expect(tree.from(0).tokens).toEqual([1, 5, 7]);
    const place = tree.addWhole([1, 5, 7, 4, 2]);
    expect(seen(tree, place)).toEqual([1, 5, 7, 4, 2]);
    // Another text leaves the tree before the token that was kept.
    expect(seen(tree, tree.addWhole([1, 5, 8, 2]))).toEqual([1, 5, 8, 2]);
  });

  it('takes back what was added', () => {
    const tree = new TokenTree();
    tree.add([1, 5]);
    tree.addWhole([1, 6, 2]);
    tree.shrink(2);
    expect(tree.from(0).tokens).toEqual([1, 5]);
    expect(tree.add([1, 6])).toBe(2);
  });

  it("masks each text as open_clip's shifted mask of padding does", () => {
    const tree = new TokenTree();
    const texts = [
      [1, 5, 0, 9, 2, 0, 99],
      [1, 5, 0, 4, 2, 0, 99],
      [1, 0, 0, 2, 0, 99],
    ];
    const places = texts.map((text) => tree.addWhole(text));
    texts.forEach((text, i) => {
      const row = shiftedPaddingMask([text], text.length).subarray(-text.length);
      expect(seen(tree, places[i]!, true)).toEqual(text.filter((_, key) => row[key] === 0));
    });
  });
});
