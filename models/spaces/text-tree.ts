import type { Runner } from '../runtime/scheduler';
import type { Session, Tensor } from '../runtime/types';
import { textTowerOf } from '../manifest';
import { asPast, CachePick } from './cache-pick';
import { emptyCache, encodeTokenRows, type Space } from './space';
import { TokenTree } from './token-tree';

/** Encodes texts for those who score them. */
export interface Texts {
  /** Raw embedding [dim] of each text. @throws cancelled */
  encode(texts: readonly string[]): Promise<Float32Array[]>;
  /** Names the texts that the next ones will continue. @throws cancelled */
  follow(texts: readonly string[]): Promise<void>;
  /** Tokens that went through the tower. */
  readonly tokensEncoded: number;
  dispose(): void;
}

/**
 * The text tower is causal, so a text's embedding needs only its own tokens (never the padded context), and texts that
 * begin alike share them: all texts of a run are one sequence, a tree of tokens each of which sees what leads to it
 * (token-tree.ts), over one cache. No padding, no copies.
 *
 * `follow(texts)` names the texts that the next ones will continue: the keys and values of their tokens stay, as the
 * run that encoded them left them. A text is tokenised whole, which keeps this right for any language model's
 * vocabulary: where a new word changes the last tokens, its text leaves the tree that much earlier.
 */
export class TextTree implements Texts {
  readonly #tree = new TokenTree();
  /** Keys and values of the tokens of the tree, one row. */
  #cache: Record<string, Tensor> = {};
  #pick: CachePick | undefined;
  #follows = false;
  tokensEncoded = 0;

  constructor(
    private readonly space: Space,
    private readonly lane: Runner,
  ) {}

  async encode(texts: readonly string[]): Promise<Float32Array[]> {
    const whole = await Promise.all(texts.map((text) => this.space.textTokens(text)));
    if (!this.#follows && apart(whole)) return this.#rows(whole);
    const out: Float32Array[] = [];
    for (let next = 0; next < texts.length;) {
      const before = this.#tree.size;
      const places: number[] = [];
      while (next < texts.length && this.#tree.size - before < runTokens)
        places.push(this.#tree.addWhole(whole[next++]!));
      out.push(...(await this.#run(before, places)));
    }
    return out;
  }

  /** Texts one under the other, those of like length together. */
  async #rows(texts: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { runtime, manifest } = this.space.family;
    const tower = { session: await this.space.family.session('text-tower'), runtime, shape: textTowerOf(manifest) };
    const order = texts.map((_, i) => i).sort((a, b) => texts[b]!.length - texts[a]!.length || a - b);
    const out: Float32Array[] = [];
    for (let next = 0; next < order.length;) {
      const most = Math.max(1, Math.floor(rowTokens / texts[order[next]!]!.length));
      const together = order.slice(next, next + most);
      next += together.length;
      const rows = together.map((i) => texts[i]!);
      (await encodeTokenRows(tower, rows, this.lane)).forEach((values, r) => (out[together[r]!] = values));
      this.tokensEncoded += rows.reduce((sum, { length }) => sum + length, 0);
    }
    return out;
  }

  /** Keeps the closed tokens of `texts` (at most a few: the live beams), and no others. */
  async follow(texts: readonly string[]): Promise<void> {
    this.#follows = true;
    const openings = await Promise.all(
      texts.map(async (text) => this.space.opening(await this.space.textTokens(text))),
    );
    const before = this.#tree.size;
    const places = openings.map((tokens) => this.#tree.add(tokens));
    if (this.#tree.size > before) await this.#run(before, [this.#tree.size - 1], true);
    const size = this.#tree.size;
    const kept = this.#tree.keep(places);
    if (kept.length === size) return;
    const { runtime, manifest } = this.space.family;
    const session = await this.space.family.session('text-tower');
    this.#pick ??= new CachePick(session, runtime, textTowerOf(manifest));
    const whole = this.#cache;
    this.#cache = await this.#pick.of(whole, kept, this.lane);
    disposeAll(whole);
  }

  dispose(): void {
    disposeAll(this.#cache);
    this.#cache = {};
    this.#tree.shrink(0);
    this.#pick?.dispose();
  }

  /**
   * Encodes the tokens of the tree from `before` on; gives the embeddings at these places. What was encoded stays
   * where texts are followed and it is not too much, or where it must (`kept`).
   */
  async #run(before: number, places: readonly number[], kept = false): Promise<Float32Array[]> {
    const size = this.#tree.size;
    const keeps = kept || (this.#follows && size <= keptTokens);
    try {
      const outputs = await this.#encoded(await this.space.family.session('text-tower'), before, places, keeps);
      const values = (await outputs.embedding!.read()) as Float32Array;
      const dim = values.length / places.length;
      const rows = places.map((_, r) => values.slice(r * dim, (r + 1) * dim));
      outputs.embedding!.dispose();
      this.tokensEncoded += size - before;
      if (keeps) {
        disposeAll(this.#cache);
        this.#cache = asPast(outputs);
      } else this.#tree.shrink(before);
      return rows;
    } catch (error) {
      this.#tree.shrink(before);
      throw error;
    }
  }

  async #encoded(
    session: Session,
    before: number,
    places: readonly number[],
    keeps: boolean,
  ): Promise<Record<string, Tensor>> {
    const { runtime, manifest } = this.space.family;
    const { layers, heads, width } = textTowerOf(manifest);
    const { tokens, depths } = this.#tree.from(before);
    const long = (values: readonly number[], dims: readonly number[] = [values.length]) =>
      runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
    const shifted = session.inputs.includes('attention_mask');
    const made: Record<string, Tensor> = {
      input_ids: long(tokens, [1, tokens.length]),
      position_ids: long(depths),
      told_tokens: long(places.map((place) => place - before)),
      beam_index: long([0]),
      [shifted ? 'attention_mask' : 'attention_bias']: runtime.tensor('float32', this.#tree.bias(before, shifted), [
        1,
        1,
        tokens.length,
        before + tokens.length,
      ]),
    };
    if (!before)
      for (let l = 0; l < layers; l++)
        for (const part of ['key', 'value'])
          made[`past_${part}.${l}`] = emptyCache(runtime, session, [1, heads, 0, width / heads]);
    try {
      return await this.lane.run(session, { ...this.#cache, ...made }, keeps ? undefined : ['embedding']);
    } finally {
      disposeAll(made);
    }
  }
}

function disposeAll(tensors: Record<string, Tensor>): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/** Whether texts are more than a run has, and have so little in common that each is better off in a row of its own. */
function apart(texts: readonly (readonly number[])[]): boolean {
  const tree = new TokenTree();
  for (const text of texts) tree.addWhole(text);
  const all = texts.reduce((sum, { length }) => sum + length, 0);
  return all > runTokens && tree.size > leastApart * all;
}

/** Of a run of `runTokens` half the time is what tokens see of each other, of rows a tenth, and they are padded. */
const leastApart = 2 / 3;
/** Tokens of one run of rows. */
const rowTokens = 512;
/** Tokens of one run: beyond, what each sees of the others costs more than reading the weights once more. */
const runTokens = 256;
/** Tokens that are kept until the next `follow`, whether they will be followed or not. */
const keptTokens = 512;
