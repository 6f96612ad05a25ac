import type { Counters } from '../events';
import type { Runner } from '../runtime/scheduler';
import type { Tensor } from '../runtime/types';
import { textTowerOf } from '../weights/manifest';
import { cosine, type Embedding } from './embedding';
import { emptyCache, type Space } from './space';

/**
 * Cosines of many texts to one embedding. The text tower is causal, so a text's embedding needs only its own tokens (never the
 * padded context), and texts that begin alike share the keys and values of what is closed already. Each text is scored once.
 *
 * `follow(texts)` names the texts that the next candidates will continue: their tokens are cached, one row each, to a common length.
 * A candidate is encoded from the longest cached row that it begins with; re-tokenising it whole keeps this right for any language
 * model's vocabulary, because a new word can only change the last tokens. A candidate that goes on with the last word (another tokenizer
 * splits words elsewhere) no longer begins with the newest cache, so the former ones are kept for a few steps.
 */
export class TextScorer {
  readonly #known = new Map<string, number>();
  /** Caches from the shortest to the longest; the first holds nothing and is never dropped. */
  #levels: Level[] = [{ rows: [[]], cache: {}, length: 0 }];
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
    const newest = this.#levels.at(-1)!;
    if (length === newest.length && unique.length === newest.rows.length && unique.every((tokens, r) => newest.rows[r]!.join() === tokens.join())) return;
    // From the longest cache that all of them go on from; longer ones belong to captions that were left.
    const parentsIn = (level: Level) => unique.map((tokens) => level.rows.findIndex((row) => startsWith(tokens, row)));
    while (this.#levels.length > 1 && (this.#levels.at(-1)!.length >= length || parentsIn(this.#levels.at(-1)!).includes(-1))) this.#drop(this.#levels.pop()!);
    const base = this.#levels.at(-1)!;
    if (length <= base.length) return;
    const tails = unique.map((tokens) => tokens.slice(base.length));
    const outputs = await this.#run(base, tails, parentsIn(base), true);
    const cache = Object.fromEntries(Object.entries(outputs).filter(([name]) => name.startsWith('present_')).map(([name, tensor]) => [name.replace('present', 'past'), tensor]));
    outputs.embedding?.dispose();
    this.#levels.push({ rows: unique, cache, length });
    if (this.#levels.length > keptLevels + 1) this.#levels.splice(1, 1).forEach((level) => this.#drop(level));
  }

  dispose(): void {
    this.#levels.splice(1).forEach((level) => this.#drop(level));
  }

  async #encode(texts: readonly string[]): Promise<void> {
    const whole = await Promise.all(texts.map((text) => this.space.textTokens(text)));
    const found = whole.map((tokens) => this.#longest(tokens));
    for (const level of [...this.#levels]) {
      const group = texts.map((_, i) => i).filter((i) => found[i]!.level === level);
      if (!group.length) continue;
      const outputs = await this.#run(level, group.map((i) => whole[i]!.slice(level.length)), group.map((i) => found[i]!.row), false);
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

  /** The longest cached row that a text begins with. */
  #longest(tokens: readonly number[]): { level: Level; row: number } {
    for (let n = this.#levels.length - 1; n > 0; n--) {
      const level = this.#levels[n]!;
      const row = level.rows.findIndex((cached) => startsWith(tokens, cached) && tokens.length > cached.length);
      if (row >= 0) return { level, row };
    }
    return { level: this.#levels[0]!, row: 0 };
  }

  /** Encodes `tails`, each after a row of a level; the embedding is that of a tail's last token. */
  async #run({ cache, length: past }: Level, tails: readonly (readonly number[])[], parents: readonly number[], keep: boolean): Promise<Record<string, Tensor>> {
    const { runtime, manifest } = this.space.family;
    const session = await this.space.family.session('text-tower');
    const { layers, heads, width } = textTowerOf(manifest);
    const length = Math.max(...tails.map((tail) => tail.length));
    const ids = new BigInt64Array(tails.length * length);
    tails.forEach((tail, r) => tail.forEach((id, i) => (ids[r * length + i] = BigInt(id))));
    const made: Record<string, Tensor> = {
      input_ids: runtime.tensor('int64', ids, [tails.length, length]),
      end_index: runtime.tensor('int64', BigInt64Array.from(tails, (tail) => BigInt(tail.length - 1)), [tails.length]),
      position_offset: runtime.tensor('int64', BigInt64Array.of(BigInt(past)), [1]),
      beam_index: runtime.tensor('int64', BigInt64Array.from(parents, BigInt), [tails.length]),
    };
    if (!past)
      for (let l = 0; l < layers; l++) for (const part of ['key', 'value']) made[`past_${part}.${l}`] = emptyCache(runtime, session, [1, heads, 0, width / heads]);
    try {
      this.counters.textTokensEncoded += tails.reduce((sum, tail) => sum + tail.length, 0);
      return await this.lane.run(session, { ...cache, ...made }, keep ? undefined : ['embedding']);
    } finally {
      for (const tensor of Object.values(made)) tensor.dispose();
    }
  }

  #drop({ cache }: Level): void {
    for (const tensor of Object.values(cache)) tensor.dispose();
  }
}

/** Keys and values of texts' beginnings, one row each, all of one length. */
type Level = { rows: readonly (readonly number[])[]; cache: Record<string, Tensor>; length: number };

/** Caches that are kept beside the empty one. */
const keptLevels = 3;

function startsWith(tokens: readonly number[], beginning: readonly number[]): boolean {
  return beginning.length <= tokens.length && beginning.every((token, i) => tokens[i] === token);
}
