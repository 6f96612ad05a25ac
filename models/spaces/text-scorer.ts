import type { Counters } from '../events';
import type { Runner } from '../runtime/scheduler';
import type { Session, Tensor } from '../runtime/types';
import { textTowerOf } from '../weights/manifest';
import { cosine, type Embedding } from './embedding';
import { emptyCache, type Space } from './space';

/**
 * Cosines of many texts to one embedding. The text tower is causal, so a text's embedding needs only its own tokens (never the
 * padded context), and texts that begin alike share the keys and values of what is closed already. Each text is scored once.
 *
 * `follow(texts)` names the texts that the next candidates will continue: their tokens are cached, one row each, to a common length.
 * A candidate is encoded from the longest cached row that it begins with; re-tokenising it whole keeps this right for any language
 * model's vocabulary, because a new word can only change the last tokens.
 */
export class TextScorer {
  readonly #known = new Map<string, number>();
  #rows: { tokens: readonly number[] }[] = [{ tokens: [] }];
  #cache: Record<string, Tensor> = {};
  #length = 0;
  /** Work done, and what encoding every candidate at the full context would have been. */
  readonly counters: Required<Pick<Counters, 'candidatesScored' | 'textEncodings' | 'textTokensEncoded' | 'textTokensFull'>> = {
    candidatesScored: 0,
    textEncodings: 0,
    textTokensEncoded: 0,
    textTokensFull: 0,
  };

  constructor(
    private readonly space: Space,
    private readonly target: Embedding,
    private readonly lane: Runner,
  ) {}

  /** The cosine of a text that was scored before. */
  known(text: string): number | undefined {
    return this.#known.get(text);
  }

  /** Cosine of each text to the target. @throws cancelled */
  async score(texts: readonly string[]): Promise<number[]> {
    this.counters.candidatesScored += texts.length;
    const fresh = [...new Set(texts)].filter((text) => !this.#known.has(text));
    for (let from = 0; from < fresh.length; from += 128) await this.#encode(fresh.slice(from, from + 128));
    return texts.map((text) => this.#known.get(text)!);
  }

  /** Caches the closed tokens of `texts` (at most a few: the live beams). @throws cancelled */
  async follow(texts: readonly string[]): Promise<void> {
    const whole = await Promise.all(texts.map((text) => this.space.textTokens(text)));
    const closed = whole.map((tokens) => tokens.slice(0, -1));
    const length = Math.min(...closed.map((tokens) => tokens.length));
    const unique = [...new Map(closed.map((tokens) => [tokens.slice(0, length).join(), tokens.slice(0, length)])).values()];
    if (length === this.#length && unique.every((tokens, r) => this.#rows[r]?.tokens.join() === tokens.join()) && unique.length === this.#rows.length) return;
    let parents = unique.map((tokens) => this.#rows.findIndex((row) => startsWith(tokens, row.tokens)));
    if (parents.some((p) => p < 0) || length <= this.#length) {
      // The beams have left what is cached (a whole new caption): begin anew.
      this.#forget();
      parents = unique.map(() => 0);
    }
    const tails = unique.map((tokens) => tokens.slice(this.#length));
    const session = await this.space.family.session('text-tower');
    const outputs = await this.#run(session, tails, parents, tails.map((tail) => tail.length - 1), true);
    const cache = Object.fromEntries(Object.entries(outputs).filter(([name]) => name.startsWith('present_')).map(([name, tensor]) => [name.replace('present', 'past'), tensor]));
    outputs.embedding?.dispose();
    this.#drop();
    this.#cache = cache;
    this.#rows = unique.map((tokens) => ({ tokens }));
    this.#length = length;
  }

  dispose(): void {
    this.#drop();
  }

  async #encode(texts: readonly string[]): Promise<void> {
    const whole = await Promise.all(texts.map((text) => this.space.textTokens(text)));
    const found = whole.map((tokens) => this.#rows.findIndex((row) => startsWith(tokens, row.tokens) && tokens.length > row.tokens.length));
    // Texts that begin otherwise are encoded whole, in a run of their own.
    const groups = [texts.map((_, i) => i).filter((i) => found[i]! >= 0), texts.map((_, i) => i).filter((i) => found[i]! < 0)];
    const session = await this.space.family.session('text-tower');
    for (const [g, group] of groups.entries()) {
      if (!group.length) continue;
      const cached = g === 0;
      const tails = group.map((i) => whole[i]!.slice(cached ? this.#length : 0));
      const outputs = await this.#run(session, tails, group.map((i) => (cached ? found[i]! : 0)), tails.map((tail) => tail.length - 1), false, cached);
      const values = (await outputs.embedding!.read()) as Float32Array;
      const dim = values.length / group.length;
      group.forEach((i, r) => {
        const embedding: Embedding = { space: this.space.name, modality: 'text', state: 'raw', values: values.slice(r * dim, (r + 1) * dim) };
        this.#known.set(texts[i]!, cosine(this.target, embedding));
      });
      for (const tensor of Object.values(outputs)) tensor.dispose();
      this.counters.textEncodings += group.length;
      this.counters.textTokensFull += group.length * this.space.family.manifest.space.text.context;
    }
  }

  async #run(session: Session, tails: readonly (readonly number[])[], parents: readonly number[], ends: readonly number[], keep: boolean, cached = true): Promise<Record<string, Tensor>> {
    const { runtime, manifest } = this.space.family;
    const { layers, heads, width } = textTowerOf(manifest);
    const length = Math.max(...tails.map((tail) => tail.length));
    const past = cached ? this.#length : 0;
    const ids = new BigInt64Array(tails.length * length);
    tails.forEach((tail, r) => tail.forEach((id, i) => (ids[r * length + i] = BigInt(id))));
    const made: Record<string, Tensor> = {
      input_ids: runtime.tensor('int64', ids, [tails.length, length]),
      end_index: runtime.tensor('int64', BigInt64Array.from(ends, BigInt), [tails.length]),
      position_offset: runtime.tensor('int64', BigInt64Array.of(BigInt(past)), [1]),
      beam_index: runtime.tensor('int64', BigInt64Array.from(parents, BigInt), [tails.length]),
    };
    if (!past)
      for (let l = 0; l < layers; l++) for (const part of ['key', 'value']) made[`past_${part}.${l}`] = emptyCache(runtime, session, [1, heads, 0, width / heads]);
    try {
      this.counters.textTokensEncoded += tails.reduce((sum, tail) => sum + tail.length, 0);
      return await this.lane.run(session, past ? { ...this.#cache, ...made } : made, keep ? undefined : ['embedding']);
    } finally {
      for (const tensor of Object.values(made)) tensor.dispose();
    }
  }

  #forget(): void {
    this.#drop();
    this.#rows = [{ tokens: [] }];
    this.#length = 0;
  }

  #drop(): void {
    for (const tensor of Object.values(this.#cache)) tensor.dispose();
    this.#cache = {};
  }
}

function startsWith(tokens: readonly number[], beginning: readonly number[]): boolean {
  return beginning.length <= tokens.length && beginning.every((token, i) => tokens[i] === token);
}
