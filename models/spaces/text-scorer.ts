import type { Counters } from '../events';
import { cosine, type Embedding } from './embedding';
import type { Space } from './space';
import type { Texts } from './text-tree';

/** Cosines of many texts to one embedding; each text is scored once. */
export class TextScorer {
  readonly #known = new Map<string, number>();
  /** Work done, and what encoding every candidate at the full context would have been. */
  readonly counters: Required<
    Pick<Counters, 'candidatesScored' | 'textEncodings' | 'textTokensEncoded' | 'textTokensFull'>
  > = {
    candidatesScored: 0,
    textEncodings: 0,
    textTokensEncoded: 0,
    textTokensFull: 0,
  };

  constructor(
    private readonly space: Space,
    private readonly target: Embedding,
    private readonly texts: Texts,
  ) {}

  /** The cosine of a text that was scored before. */
  known(text: string): number | undefined {
    return this.#known.get(text);
  }

  /** Cosine of each text to the target. @throws cancelled */
  async score(texts: readonly string[]): Promise<number[]> {
    this.counters.candidatesScored += texts.length;
    const fresh = [...new Set(texts)].filter((text) => !this.#known.has(text));
    if (fresh.length) {
      const before = this.texts.tokensEncoded;
      const embeddings = await this.texts.encode(fresh);
      embeddings.forEach((values, i) =>
        this.#known.set(
          fresh[i]!,
          cosine(this.target, { space: this.space.name, modality: 'text', state: 'raw', values }),
        ),
      );
      this.counters.textTokensEncoded += this.texts.tokensEncoded - before;
    }
    this.counters.textEncodings += fresh.length;
    this.counters.textTokensFull += fresh.length * this.space.family.manifest.space.text.context;
    return texts.map((text) => this.#known.get(text)!);
  }

  /** Names the captions that the next candidates will continue (at most a few: the live beams). @throws cancelled */
  async follow(texts: readonly string[]): Promise<void> {
    const before = this.texts.tokensEncoded;
    await this.texts.follow(texts);
    this.counters.textTokensEncoded += this.texts.tokensEncoded - before;
  }

  dispose(): void {
    this.texts.dispose();
  }
}
