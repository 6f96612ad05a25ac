import type { Texts, TextTree } from '../spaces/text-tree';
import type { GangMember } from './gang';

/** Texts of a whole gang in one tree: a run of the text tower has those of many photos. */
export class GangTexts implements Texts {
  /** Counted by the tree, for all of them. */
  readonly tokensEncoded = 0;

  constructor(
    private readonly tree: TextTree,
    private readonly member: GangMember,
  ) {}

  encode(texts: readonly string[]): Promise<Float32Array[]> {
    return this.member.gang.ask(this.member.index, 'texts', texts, async (asks) => {
      const all = [...new Set(asks.flat())];
      const encoded = await this.tree.encode(all);
      const known = new Map(all.map((text, i) => [text, encoded[i]!]));
      return asks.map((wanted) => wanted.map((text) => known.get(text)!));
    });
  }

  follow(texts: readonly string[]): Promise<void> {
    return this.member.gang.ask(this.member.index, 'followed texts', texts, async (asks) => {
      await this.tree.follow([...new Set(asks.flat())]);
      return asks.map(() => undefined);
    });
  }

  dispose(): void {
    // The tree is the gang's.
  }
}
