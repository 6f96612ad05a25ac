import { StudioError } from '../errors';
import { buildAttentionalPooler } from '../networks/attentional-pooler';
import { buildCocaCross, buildCocaDecoder } from '../networks/coca';
import { buildGpt } from '../networks/gpt';
import { buildMlpMapper } from '../networks/mlp-mapper';
import { buildMobileNetTower } from '../networks/mobilenet';
import { pocketCoca, pocketGpt, pocketImageTower, pocketLinearMapper, pocketMlpMapper, pocketPooler, pocketTextTower } from '../networks/pocket-keys';
import { buildTextTower } from '../networks/text-tower';
import type { GraphOptions, WeightMap } from '../networks/types';
import type { Precision, Runtime, Session } from '../runtime/types';
import { openTokenizer, type Tokenizer } from '../spaces/tokenizer';
import { type Manifest, parseManifest } from './manifest';
import { mergeWeights, readSafetensors } from './safetensors';
import { selfCheck, type SelfCheck, selfCheckSchema } from './self-check';
import { sha256, verify } from './verify';

/** Where a family's files come from: a folder, a browser's storage. @throws weights-missing */
export interface FileSource {
  read(path: string): Promise<Uint8Array>;
}

export type TextMemory = { /** [rows, dim], unit rows. */ embeddings: Float32Array; rows: number; sentences: string[] };

/** Which files a graph needs and which builder writes it. The token table is shared, so `lm` comes along where text is read or written. */
const graphs: Record<string, { files: readonly string[]; build: (weights: WeightMap, options: GraphOptions, manifest: Manifest) => Uint8Array }> = {
  'image-tower': { files: ['joint'], build: (weights, options, { space }) => buildMobileNetTower(pocketImageTower(undefined, space.image.size), weights, options) },
  'text-tower': { files: ['joint', 'lm'], build: (weights, options) => buildTextTower(pocketTextTower(), weights, options) },
  lm: { files: ['lm'], build: (weights, options) => buildGpt(pocketGpt(), weights, options) },
  'clipcap.mapper': { files: ['clipcap'], build: (weights, options) => buildMlpMapper(pocketMlpMapper(), weights, options) },
  'clipcap.lm': { files: ['clipcap', 'lm'], build: (weights, options) => buildGpt(pocketGpt(), weights, options) },
  'capdec.mapper': { files: ['capdec'], build: (weights, options) => buildMlpMapper(pocketMlpMapper(), weights, options) },
  'capdec.lm': { files: ['capdec', 'lm'], build: (weights, options) => buildGpt(pocketGpt(), weights, options) },
  'decap.mapper': { files: ['decap'], build: (weights, options) => buildMlpMapper(pocketLinearMapper(), weights, options) },
  'decap.lm': { files: ['decap', 'lm'], build: (weights, options) => buildGpt(pocketGpt(), weights, options) },
  'coca.pooler': { files: ['coca'], build: (weights, options) => buildAttentionalPooler(pocketPooler('caption'), weights, options) },
  'coca.cross': { files: ['coca', 'lm'], build: (weights, options) => buildCocaCross(pocketCoca(), weights, options) },
  // The same networks, telling what they attend to; run once over a finished caption.
  'coca.pooler-map': { files: ['coca'], build: (weights, options) => buildAttentionalPooler(pocketPooler('caption'), weights, options, { attentionMap: true }) },
  'coca.decoder-map': { files: ['coca', 'lm'], build: (weights, options) => buildCocaDecoder(pocketCoca(), weights, options, { attentionMap: true }) },
  'coca.decoder': { files: ['coca', 'lm'], build: (weights, options) => buildCocaDecoder(pocketCoca(), weights, options) },
};
export type GraphName = keyof typeof graphs & string;
export const graphNames = Object.keys(graphs) as GraphName[];

/**
 * Graphs that run once a photo or a candidate set and may leave shape arithmetic (a Concat of sizes, the causal mask's positions) to the
 * CPU on a GPU. All others step, and must be whole on the device.
 */
const mayFallBack = new Set(['image-tower', 'text-tower', 'coca.pooler', 'coca.pooler-map', 'coca.decoder-map']);

/** Small fp32 networks gain nothing from 8 bits and an image tower loses cosine by it (docs/architecture.md). */
const neverQuantised = new Set(['image-tower', 'text-tower', 'coca.pooler', 'coca.pooler-map', 'coca.cross']);

/** A space and the decoders trained for it: verified files and sessions that are made when first needed and shared by all lanes. */
export class Family {
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #files = new Map<string, Promise<Uint8Array>>();
  readonly #bytes = new Map<string, number>();
  #tokenizer: Promise<Tokenizer> | undefined;
  #memory: Promise<TextMemory> | undefined;

  private constructor(
    readonly manifest: Manifest,
    /** SHA-256 of the manifest, which itself holds those of all files: names these very weights. */
    readonly hash: string,
    private readonly source: FileSource,
    readonly runtime: Runtime,
    readonly precision: Precision,
  ) {}

  /** Reads the manifest; weights follow when they are needed. @throws weights-missing, weights-invalid */
  static async open(options: { files: FileSource; runtime: Runtime; precision: Precision }): Promise<Family> {
    const bytes = await options.files.read('manifest.json');
    return new Family(parseManifest(bytes, 'the family'), await sha256(bytes), options.files, options.runtime, options.precision);
  }

  get name(): string {
    return this.manifest.family;
  }

  /** The session of a graph; weights are read, verified and loaded on first use. @throws weights-corrupt, weights-invalid, device-failed */
  session(name: GraphName): Promise<Session> {
    return this.#once(this.#sessions, name, () => this.#load(name));
  }

  /** Whether a graph is in memory already. */
  isLoaded(name: GraphName): boolean {
    return this.#sessions.has(name);
  }

  /** Fetches what graphs need, all at once, before they are asked for: a browser downloads side by side. @throws weights-missing */
  async prefetch(names: readonly GraphName[]): Promise<void> {
    const keys = new Set(['tokenizer', ...(this.manifest.files.selfCheck ? ['selfCheck'] : []), ...names.flatMap((name) => graphs[name]?.files ?? [])]);
    if (names.some((name) => name.startsWith('decap.'))) for (const key of ['decapMemory', 'decapMemoryText']) keys.add(key);
    await Promise.all([...keys].map((key) => this.file(key)));
  }

  /** Verified bytes of a file of the manifest. @throws weights-missing, weights-corrupt */
  file(key: string): Promise<Uint8Array> {
    return this.#once(this.#files, key, async () => {
      const entry = this.manifest.files[key];
      if (!entry) throw new StudioError('weights-missing', `Family ${this.name} has no file "${key}" in its manifest.`);
      const bytes = await this.source.read(entry.path);
      await verify(bytes, entry, this.name);
      return bytes;
    });
  }

  tokenizer(): Promise<Tokenizer> {
    this.#tokenizer ??= this.file('tokenizer').then((bytes) => openTokenizer(bytes));
    this.#tokenizer.catch(() => (this.#tokenizer = undefined));
    return this.#tokenizer;
  }

  /** Token table that the language models share, [rows, width]. */
  async tokenTable(): Promise<{ values: Float32Array; rows: number; width: number }> {
    const { dims, values } = readSafetensors(await this.file('lm'), this.manifest.files.lm!.path).get(pocketGpt().keys.tokenEmbedding);
    return { values, rows: dims[0]!, width: dims[1]! };
  }

  /** Bytes of the graphs that are in memory, of those named: weights and structure. */
  graphBytes(names: readonly GraphName[]): number {
    return names.reduce((sum, name) => sum + (this.#bytes.get(name) ?? 0), 0);
  }

  /** DeCap's text memory. */
  memory(): Promise<TextMemory> {
    this.#memory ??= Promise.all([this.file('decapMemory'), this.file('decapMemoryText')]).then(([bytes, text]) => {
      const { dims, values } = readSafetensors(bytes, 'decap-memory.safetensors').get('embeddings');
      const sentences = new TextDecoder().decode(text).trimEnd().split('\n');
      if (dims.length !== 2 || dims[1] !== this.manifest.space.dim || sentences.length !== dims[0])
        throw new StudioError('weights-invalid', `DeCap's memory is [${dims.join(', ')}] with ${sentences.length} sentences; expected one row of ${this.manifest.space.dim} for each sentence.`);
      return { embeddings: values, rows: dims[0], sentences };
    });
    this.#memory.catch(() => (this.#memory = undefined));
    return this.#memory;
  }

  /** Offset of the modalities that CapDec measured: mean image minus mean text embedding, [dim]. */
  async modalityOffset(): Promise<Float32Array> {
    return readSafetensors(await this.file('capdec'), 'capdec.safetensors').get('offset').values;
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await session.then((s) => s.release()).catch(() => undefined);
  }

  /** What the graphs answer to their golden inputs; nothing for a family that was stored without it. */
  async #expected(): Promise<SelfCheck> {
    return this.manifest.files.selfCheck ? selfCheckSchema.parse(JSON.parse(new TextDecoder().decode(await this.file('selfCheck')))) : {};
  }

  async #load(name: GraphName): Promise<Session> {
    const graph = graphs[name];
    if (!graph) throw new StudioError('internal', `There is no graph ${name}; known are ${Object.keys(graphs).join(', ')}.`);
    const maps = await Promise.all(graph.files.map(async (key) => readSafetensors(await this.file(key), this.manifest.files[key]!.path)));
    const precision = this.precision === 'q8' && neverQuantised.has(name) ? 'fp32' : this.precision;
    const model = graph.build(mergeWeights(...maps), { precision, device: this.runtime.device.name }, this.manifest);
    this.#bytes.set(name, model.byteLength);
    const session = await this.runtime.load(model, { name: `${this.name} ${name}`, wholeOnDevice: !mayFallBack.has(name), keepOnDevice: name.endsWith('lm') || name === 'coca.decoder' || name === 'text-tower' ? cacheOutputs(this.manifest) : [] });
    try {
      await selfCheck(name, session, this.runtime, precision, this.manifest, await this.#expected());
    } catch (error) {
      await session.release();
      throw error;
    }
    return session;
  }

  /** A promise made once a key; a failed one is forgotten, so that the next caller tries again. */
  #once<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
    let promise = map.get(key);
    if (!promise) {
      promise = make();
      map.set(key, promise);
      promise.catch(() => map.delete(key));
    }
    return promise;
  }
}

function cacheOutputs({ languageModel }: Manifest): string[] {
  return Array.from({ length: languageModel.layers }, (_, layer) => [`present_key.${layer}`, `present_value.${layer}`]).flat();
}
