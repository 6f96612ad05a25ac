import { StudioError } from '../errors';
import type { Runner } from '../runtime/scheduler';
import type { Runtime, Session, Tensor } from '../runtime/types';
import { causalBias } from './attention-bias';
import { cleanClipText } from './clip-cleaning';
import type { Embedding } from './embedding';
import { type Manifest, textTowerOf } from '../manifest';
import { paddingMaskFeed } from './padding-mask';
import { type Photo, pixelsOf } from './prepared';
import type { Crop } from './preprocess';
import type { Tokenizer } from './tokenizer';

/** What a space needs of its family (models/weights/family.ts has all of it). */
export interface SpaceFamily {
  readonly runtime: Runtime;
  readonly manifest: Manifest;
  session(name: 'image-tower' | 'text-tower'): Promise<Session>;
  tokenizer(): Promise<Tokenizer>;
}

/** The image tower's grid of features, [tokens, channels]. */
export type Grid = { values: Float32Array; tokens: number; channels: number };

/** A joint embedding space: both towers, the tokenizer and the preprocessing of one family. */
export class Space {
  constructor(readonly family: SpaceFamily) {}

  get name(): string {
    return this.family.manifest.space.name;
  }
  get dim(): number {
    return this.family.manifest.space.dim;
  }

  /** Raw embedding of a photo, and the grid where the tower gives one. */
  async encodeImage(image: Photo, lane: Runner, crop?: Crop): Promise<{ embedding: Embedding; grid?: Grid }> {
    const { runtime, manifest } = this.family;
    const session = await this.family.session('image-tower');
    const { values, grid } = await encodeBy(session, image, manifest.space.image, runtime, lane, crop);
    if (!values) throw new StudioError('weights-invalid', `The image tower of ${this.name} gives no embedding.`);
    return { embedding: { space: this.name, modality: 'image', state: 'raw', values }, grid };
  }

  /** Token ids of a text as the tower reads it (`tokenRow`). */
  async textTokens(text: string): Promise<number[]> {
    return tokenRow(this.family.manifest.space.text, await this.#words(text));
  }

  /** Whether the tower reads the beginning of a text alone. */
  async isCut(text: string): Promise<boolean> {
    return (await this.#words(text)).length > this.family.manifest.space.text.context - 2;
  }

  async #words(text: string): Promise<readonly number[]> {
    const { cleaning } = this.family.manifest.space.text;
    return (await this.family.tokenizer()).encode(cleaning === 'openai' ? cleanClipText(text) : text);
  }

  /** Of the tokens of a text, those that stay the same when it goes on: all but what closes it. */
  opening(tokens: readonly number[]): number[] {
    return tokens.slice(0, this.family.manifest.space.text.classToken === undefined ? -1 : -3);
  }

  /** Raw embeddings of texts, each encoded whole. @throws embedding-invalid when a text is empty */
  async encodeTexts(texts: readonly string[], lane: Runner): Promise<Embedding[]> {
    const rows = await Promise.all(texts.map((text) => this.textTokens(text)));
    texts.forEach((text) => {
      if (!text.trim()) throw new StudioError('embedding-invalid', 'An empty text has no embedding. Give it a word.');
    });
    const { runtime, manifest } = this.family;
    const tower = { session: await this.family.session('text-tower'), runtime, shape: textTowerOf(manifest) };
    const out: Embedding[] = [];
    for (let from = 0; from < rows.length; from += 64) {
      const values = await encodeTokenRows(tower, rows.slice(from, from + 64), lane);
      values.forEach((v) => out.push({ space: this.name, modality: 'text', state: 'raw', values: v }));
    }
    return out;
  }
}

/** What an image tower gives for a photo: its raw embedding and its grid, of those that it has. */
export async function encodeBy(
  session: Session,
  image: Photo,
  spec: Manifest['space']['image'],
  runtime: Runtime,
  lane: Runner,
  crop?: Crop,
): Promise<{ values?: Float32Array; grid?: Grid }> {
  const pixels = runtime.tensor('float32', pixelsOf(image, spec, crop), [1, 3, spec.size, spec.size]);
  try {
    const wanted = session.outputs.filter((name) => name === 'embedding' || name === 'grid');
    const outputs = await lane.run(session, { pixels }, wanted);
    try {
      const read = async (tensor: Tensor) => Float32Array.from((await tensor.read()) as Float32Array);
      const [, tokens = 0, channels = 0] = outputs.grid?.dims ?? [];
      return {
        ...(outputs.embedding ? { values: await read(outputs.embedding) } : {}),
        ...(outputs.grid ? { grid: { values: await read(outputs.grid), tokens, channels } } : {}),
      };
    } finally {
      for (const tensor of Object.values(outputs)) tensor.dispose();
    }
  } finally {
    pixels.dispose();
  }
}

/**
 * A text as a tower reads it: begin token, words, end token, cut to the context. Where a class token is pooled, it
 * comes last, behind the one token of padding that it sees (padding-mask.ts).
 */
export function tokenRow(
  { bos, eos, context, classToken }: Manifest['space']['text'],
  words: readonly number[],
): number[] {
  const row = [bos, ...words.slice(0, context - 2), eos];
  if (classToken === undefined) return row;
  return row.length < context ? [...row, 0, classToken] : [...row, classToken];
}

/** A text tower to run: its session and the shape of its cache. */
export type LoadedTextTower = {
  session: Session;
  runtime: Runtime;
  shape: { layers: number; heads: number; width: number };
};

/** Runs a text tower over whole rows of token ids (no past), padded on the right, which a causal tower does not see. */
export async function encodeTokenRows(
  { session, runtime, shape }: LoadedTextTower,
  rows: readonly (readonly number[])[],
  lane: Runner,
): Promise<Float32Array[]> {
  if (!rows.length) return [];
  const { layers, heads, width } = shape;
  const length = Math.max(...rows.map((row) => row.length));
  const ids = new BigInt64Array(rows.length * length);
  rows.forEach((row, r) => row.forEach((id, i) => (ids[r * length + i] = BigInt(id))));
  const feeds: Record<string, Tensor> = {
    input_ids: runtime.tensor('int64', ids, [rows.length, length]),
    told_tokens: runtime.tensor(
      'int64',
      BigInt64Array.from(rows, (row, r) => BigInt(r * length + row.length - 1)),
      [rows.length],
    ),
    position_ids: runtime.tensor(
      'int64',
      BigInt64Array.from({ length }, (_, i) => BigInt(i)),
      [length],
    ),
    beam_index: runtime.tensor('int64', new BigInt64Array(rows.length), [rows.length]),
  };
  for (let l = 0; l < layers; l++)
    for (const part of ['key', 'value'])
      feeds[`past_${part}.${l}`] = emptyCache(runtime, session, [1, heads, 0, width / heads]);
  Object.assign(
    feeds,
    session.inputs.includes('attention_bias')
      ? { attention_bias: runtime.tensor('float32', causalBias(0, length), [1, 1, length, length]) }
      : paddingMaskFeed(session, runtime, () => filled(rows, length), length),
  );
  try {
    const outputs = await lane.run(session, feeds, ['embedding']);
    const all = (await outputs.embedding!.read()) as Float32Array;
    const dim = all.length / rows.length;
    const values = rows.map((_, r) => all.slice(r * dim, (r + 1) * dim));
    for (const tensor of Object.values(outputs)) tensor.dispose();
    return values;
  } finally {
    for (const tensor of Object.values(feeds)) tensor.dispose();
  }
}

/** Rows made equally long, as a run has them; what is filled in stands behind the token that is pooled. */
const filled = (rows: readonly (readonly number[])[], length: number): number[][] =>
  rows.map((row) => [...row, ...Array.from({ length: length - row.length }, () => 0)]);

/** A key/value cache of length 0, in the type that the session keeps its caches in. */
export function emptyCache(runtime: Runtime, session: Session, dims: readonly number[]): Tensor {
  return session.inputType('past_key.0') === 'float16'
    ? runtime.tensor('float16', new Uint16Array(0), dims)
    : runtime.tensor('float32', new Float32Array(0), dims);
}
