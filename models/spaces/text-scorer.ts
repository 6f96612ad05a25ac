import type { Counters } from '../events';
import type { Runner } from '../runtime/scheduler';
import type { Tensor } from '../runtime/types';
import { textTowerOf } from '../manifest';
import { cosine, type Embedding } from './embedding';
import { paddingMaskFeed } from './padding-mask';
import { emptyCache, filled, type Space } from './space';

/**
 * Cosines of many texts to one embedding. The text tower is causal, so a text's embedding needs only its own tokens
 * (never the
 * padded context), and texts that begin alike share the keys and values of what is closed already. Each text is scored
 * once.
 *
 * `follow(texts)` names the texts that the next candidates will continue: their tokens are cached, each to its own
 * length.
 * A candidate is encoded from the longest cached row that it begins with; re-tokenising it whole keeps this right for
 * any language
 * model's vocabulary, because a new word can only change the last tokens. A candidate that goes on with the last word
 * (another tokenizer
 * splits words elsewhere) no longer begins with the newest cache, so the former ones are kept for a few steps.
 *
 * Rows of one run are padded to the longest, and padding costs as much as words do, so texts of one cache are run in
 * groups of like
 * lengths (`groups`).
 */
export class TextScorer {
  readonly #known = new Map<string, number>();
  /** Caches from the shortest to the longest; the first holds nothing and is never dropped. */
  #levels: Level[] = [{ rows: [[]], cache: {}, length: 0, used: 0 }];
  #steps = 0;
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
    this.#steps++;
    const whole = await Promise.all(texts.map((text) => this.space.textTokens(text)));
    const openings = whole.map((tokens) => this.space.opening(tokens));
    const unique = [...new Map(openings.map((tokens) => [tokens.join(), tokens])).values()];
    // Each from the longest cache that it goes on from; those of one cache that become equally long are one run and one
    // cache.
    const grown = new Map<string, { base: Level; length: number; rows: (readonly number[])[]; parents: number[] }>();
    for (const tokens of unique) {
      const { level, row } = this.#longest(tokens);
      if (level.length === tokens.length) continue;
      const key = `${this.#levels.indexOf(level)} ${tokens.length}`;
      const group = grown.get(key) ?? { base: level, length: tokens.length, rows: [], parents: [] };
      grown.set(key, group);
      group.rows.push(tokens);
      group.parents.push(row);
    }
    for (const { base, length, rows, parents } of grown.values()) {
      const outputs = await this.#run(
        base,
        rows.map((tokens) => tokens.slice(base.length)),
        parents,
        true,
      );
      const cache = Object.fromEntries(
        Object.entries(outputs)
          .filter(([name]) => name.startsWith('present_'))
          .map(([name, tensor]) => [name.replace('present', 'past'), tensor]),
      );
      outputs.embedding?.dispose();
      this.#levels.push({ rows, cache, length, used: this.#steps });
    }
    const [empty, ...kept] = this.#levels;
    const isOld = (level: Level) => level.used < this.#steps - keptSteps;
    kept.filter(isOld).forEach((level) => this.#drop(level));
    this.#levels = [empty!, ...kept.filter((level) => !isOld(level)).sort((a, b) => a.length - b.length)];
  }

  dispose(): void {
    this.#levels.splice(1).forEach((level) => this.#drop(level));
  }

  async #encode(texts: readonly string[]): Promise<void> {
    const whole = await Promise.all(texts.map((text) => this.space.textTokens(text)));
    const found = whole.map((tokens) => this.#longest(tokens.slice(0, -1)));
    for (const level of [...this.#levels]) {
      const ofLevel = texts.map((_, i) => i).filter((i) => found[i]!.level === level);
      for (const group of groups(ofLevel, (i) => whole[i]!.length - level.length, this.#runCost)) {
        const outputs = await this.#run(
          level,
          group.map((i) => whole[i]!.slice(level.length)),
          group.map((i) => found[i]!.row),
          false,
        );
        const values = (await outputs.embedding!.read()) as Float32Array;
        const dim = values.length / group.length;
        group.forEach((i, r) => {
          const embedding: Embedding = {
            space: this.space.name,
            modality: 'text',
            state: 'raw',
            values: values.slice(r * dim, (r + 1) * dim),
          };
          this.#known.set(texts[i]!, cosine(this.target, embedding));
        });
        for (const tensor of Object.values(outputs)) tensor.dispose();
        this.counters.textEncodings += group.length;
        this.counters.textTokensFull += group.length * this.space.family.manifest.space.text.context;
      }
    }
  }

  /**
   * What a run costs beside its tokens, in tokens: the weights are read once more. A GPU has tokens nearly for nothing.
   */
  get #runCost(): number {
    return /^(cpu|wasm)$/.test(this.space.family.runtime.device.name) ? 8 : 200;
  }

  /** The longest cached row that tokens begin with. */
  #longest(tokens: readonly number[]): { level: Level; row: number } {
    for (let n = this.#levels.length - 1; n > 0; n--) {
      const level = this.#levels[n]!;
      const row = level.rows.findIndex((cached) => startsWith(tokens, cached));
      if (row < 0) continue;
      level.used = this.#steps;
      return { level, row };
    }
    return { level: this.#levels[0]!, row: 0 };
  }

  /** Encodes `tails`, each after a row of a level; the embedding is that of a tail's last token. */
  async #run(
    { cache, length: past, rows }: Level,
    tails: readonly (readonly number[])[],
    parents: readonly number[],
    keep: boolean,
  ): Promise<Record<string, Tensor>> {
    const { runtime, manifest } = this.space.family;
    const session = await this.space.family.session('text-tower');
    const { layers, heads, width } = textTowerOf(manifest);
    const length = Math.max(...tails.map((tail) => tail.length));
    const ids = new BigInt64Array(tails.length * length);
    tails.forEach((tail, r) => tail.forEach((id, i) => (ids[r * length + i] = BigInt(id))));
    const made: Record<string, Tensor> = {
      input_ids: runtime.tensor('int64', ids, [tails.length, length]),
      end_index: runtime.tensor(
        'int64',
        BigInt64Array.from(tails, (tail) => BigInt(tail.length - 1)),
        [tails.length],
      ),
      position_offset: runtime.tensor('int64', BigInt64Array.of(BigInt(past)), [1]),
      beam_index: runtime.tensor('int64', BigInt64Array.from(parents, BigInt), [tails.length]),
    };
    Object.assign(
      made,
      paddingMaskFeed(
        session,
        runtime,
        () =>
          filled(
            tails.map((tail, r) => [...rows[parents[r]!]!, ...tail]),
            past + length,
          ),
        length,
      ),
    );
    if (!past)
      for (let l = 0; l < layers; l++)
        for (const part of ['key', 'value'])
          made[`past_${part}.${l}`] = emptyCache(runtime, session, [1, heads, 0, width / heads]);
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

/**
 * Keys and values of texts' beginnings, one row each, all of one length; `used`: the step in which they last served.
 */
type Level = { rows: readonly (readonly number[])[]; cache: Record<string, Tensor>; length: number; used: number };

/** A cache goes after so many steps in which nothing went on from it. */
const keptSteps = 3;

/**
 * Items in runs, such that their padded lengths and `runCost` for each run add up to the least. Within a run, as they
 * came.
 */
export function groups<T>(items: readonly T[], lengthOf: (item: T) => number, runCost: number): T[][] {
  const lengths = [...new Set(items.map(lengthOf))].sort((a, b) => a - b);
  const counts = lengths.map((length) => items.filter((item) => lengthOf(item) === length).length);
  // best[n]: of the n shortest lengths, the least cost and where its last run begins.
  const best: { cost: number; from: number }[] = [{ cost: 0, from: 0 }];
  for (let n = 1; n <= lengths.length; n++) {
    let rows = 0;
    let least = { cost: Infinity, from: 0 };
    for (let from = n - 1; from >= 0; from--) {
      rows += counts[from]!;
      const cost = best[from]!.cost + rows * lengths[n - 1]! + runCost;
      if (cost < least.cost) least = { cost, from };
    }
    best.push(least);
  }
  const runs: T[][] = [];
  for (let n = lengths.length; n > 0; n = best[n]!.from) {
    const [shortest, longest] = [lengths[best[n]!.from]!, lengths[n - 1]!];
    runs.unshift(items.filter((item) => lengthOf(item) >= shortest && lengthOf(item) <= longest));
  }
  return runs;
}

function startsWith(tokens: readonly number[], beginning: readonly number[]): boolean {
  return beginning.length <= tokens.length && beginning.every((token, i) => tokens[i] === token);
}
