import { StudioError } from '../errors';
import type { Precision, Runtime, Session } from '../runtime/types';
import { openTokenizer, type Tokenizer } from '../spaces/tokenizer';
import { type ByteSource, bytesSource } from './byte-source';
import { buildGraph, cacheOf, decoderOfGraph, graphNamesOf, type GraphName, graphOf, isQuantised, mayBeQuantised, mayFallBack } from './graphs';
import { type LanguageModel, languageModelOf, type Manifest, type ManifestFile, parseManifest } from './manifest';
import { readWeights } from './packed';
import { mergeWeights } from './safetensors';
import { parseSelfCheck, selfCheck, type SelfCheck } from './self-check';
import { allowedCosineLoss, cosineLoss, embeddingsOf } from './text-tower-loss';
import { sha256, verify, verifyHash } from './verify';

/** Where a family's files come from: a folder, a browser's storage. @throws weights-missing */
export interface FileSource {
  /** It gives out nothing whose SHA-256 is not the manifest's, so the family need not check again. */
  readonly verified?: boolean;
  read(path: string): Promise<Uint8Array>;
  /**
   * Random access to a large file, where the host has it, and its SHA-256: such a file is never held whole. The family closes it.
   */
  open?(path: string): Promise<OpenFile>;
}
export type OpenFile = { source: ByteSource; sha256(): Promise<string>; close(): Promise<void> };

export type TextMemory = { /** [rows, dim], unit rows. */ embeddings: Float32Array; rows: number; sentences: string[] };
export type { GraphName };

/** Files up to this size stay in memory once read, because several graphs share them; larger ones are read when a graph is made. */
const keptBytes = 32 * 1024 * 1024;

/** A space and the decoders trained for it: verified files and sessions that are made when first needed and shared by all lanes. */
export class Family {
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #files = new Map<string, Promise<Uint8Array>>();
  /** Keys of files that the host has, as far as this family knows. */
  readonly #arrived = new Set<string>();
  readonly #bytes = new Map<string, number>();
  readonly #precisions = new Map<string, Precision>();
  readonly #tokenizers = new Map<string, Promise<Tokenizer>>();
  #memory: Promise<TextMemory> | undefined;
  #loading: Promise<unknown> = Promise.resolve();

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

  /** Names of the graphs that this family has. */
  get graphNames(): readonly GraphName[] {
    return graphNamesOf(this.manifest);
  }

  /** The language model that a decoder speaks with. @throws weights-invalid */
  languageModel(decoder: string): LanguageModel {
    return languageModelOf(this.manifest, decoder);
  }

  /** The session of a graph; weights are read, verified and loaded on first use. @throws weights-corrupt, weights-invalid, device-failed */
  session(name: GraphName): Promise<Session> {
    return this.#once(this.#sessions, name, () => this.#inTurn(() => this.#load(name)));
  }

  /** The precision at which a graph is in memory; undefined for one that is not. Towers may differ from the family's own. */
  precisionOf(name: GraphName): Precision | undefined {
    return this.#precisions.get(name);
  }

  /** Whether a graph is in memory already. */
  isLoaded(name: GraphName): boolean {
    return this.#sessions.has(name);
  }

  /** Fetches what graphs need, all at once, before they are asked for: a browser downloads side by side. @throws weights-missing */
  async prefetch(names: readonly GraphName[]): Promise<void> {
    const { files, space, decoders } = this.manifest;
    const keys = new Set([space.text.tokenizer, ...(files.selfCheck ? ['selfCheck'] : []), ...names.flatMap((name) => graphOf(this.manifest, name).files)]);
    for (const name of names) {
      const decoder = decoderOfGraph(name);
      if (decoders[decoder]) keys.add(this.languageModel(decoder).tokenizer);
    }
    if (names.some((name) => name.startsWith('decap.'))) for (const key of ['decapMemory', 'decapMemoryText']) keys.add(key);
    await Promise.all([...keys].map((key) => this.file(key)));
  }

  /** Waits until the files that a graph is made of have arrived, so that making it waits for nothing but the device. @throws weights-missing, weights-corrupt */
  async fetch(name: GraphName): Promise<void> {
    const { files } = this.manifest;
    const keys = [...(files.selfCheck ? ['selfCheck'] : []), ...graphOf(this.manifest, name).files];
    // A large file of a host with random access is read where it lies.
    await Promise.all(keys.filter((key) => !this.#arrived.has(key) && (this.#entry(key).bytes <= keptBytes || !this.source.open)).map((key) => this.file(key)));
  }

  /** Verified bytes of a file of the manifest. @throws weights-missing, weights-corrupt */
  file(key: string): Promise<Uint8Array> {
    const entry = this.#entry(key);
    const read = async () => {
      const bytes = await this.source.read(entry.path);
      if (!this.source.verified) await verify(bytes, entry, this.name);
      this.#arrived.add(key);
      return bytes;
    };
    return entry.bytes > keptBytes ? read() : this.#once(this.#files, key, read);
  }

  /** The tokenizer in a file of the manifest: that of the space without a key. @throws weights-missing, weights-corrupt, weights-invalid */
  tokenizer(key = this.manifest.space.text.tokenizer): Promise<Tokenizer> {
    return this.#once(this.#tokenizers, key, async () => openTokenizer(await this.file(key)));
  }

  /** Token table of a decoder's language model, [rows, width]. */
  async tokenTable(decoder: string): Promise<{ values: Float32Array; rows: number; width: number }> {
    const { manifest } = this;
    // The embedded family's language models share one table.
    const key = manifest.graphs ? graphOf(manifest, decoder === 'iterative' ? 'lm' : `${decoder}.lm`).files[0]! : 'lm';
    const file = await this.#open(key);
    try {
      const { dims, values } = readWeights(file.source, this.#entry(key).path).get(manifest.graphs ? 'transformer.wte.weight' : 'lm.wte.weight');
      return { values, rows: dims[0]!, width: dims[1]! };
    } finally {
      await file.close();
    }
  }

  /** Bytes of the graphs that are in memory, of those named: weights and structure. */
  graphBytes(names: readonly GraphName[]): number {
    return names.reduce((sum, name) => sum + (this.#bytes.get(name) ?? 0), 0);
  }

  /** DeCap's text memory. */
  memory(): Promise<TextMemory> {
    this.#memory ??= this.#readMemory();
    this.#memory.catch(() => (this.#memory = undefined));
    return this.#memory;
  }

  /** Whether an offset of the modalities came with CapDec's weights. */
  get hasModalityOffset(): boolean {
    return !this.manifest.graphs || this.manifest.files.capdecOffset !== undefined;
  }

  /** Offset of the modalities that CapDec measured: mean image minus mean text embedding, [dim]. @throws weights-invalid when none was imported */
  async modalityOffset(): Promise<Float32Array> {
    if (!this.hasModalityOffset) throw new StudioError('weights-missing', `Family ${this.name} has no modality offset: none was imported with CapDec. Import it again with its file of centres, or set useOffset to false.`);
    const key = this.manifest.files.capdecOffset ? 'capdecOffset' : 'capdec';
    const { dims, values } = readWeights(await this.file(key), this.#entry(key).path).get('offset');
    if (values.length !== this.manifest.space.dim) throw new StudioError('weights-invalid', `CapDec's offset is [${dims.join(', ')}]; the space ${this.manifest.space.name} has ${this.manifest.space.dim} values.`);
    return values;
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await session.then((s) => s.release()).catch(() => undefined);
  }

  #entry(key: string): ManifestFile {
    const { files } = this.manifest;
    const entry = Object.hasOwn(files, key) ? files[key] : undefined;
    if (!entry) throw new StudioError('weights-missing', `Family ${this.name} has no file "${key}" in its manifest.`);
    return entry;
  }

  /** A file for reading tensors: whole where it is small or the host has no random access, else by a handle. */
  async #open(key: string): Promise<{ source: ByteSource; close(): Promise<void> }> {
    const entry = this.#entry(key);
    if (entry.bytes <= keptBytes || !this.source.open) return { source: bytesSource(await this.file(key)), close: async () => undefined };
    const file = await this.source.open(entry.path);
    try {
      verifyHash(file.source.size, await file.sha256(), entry, this.name);
    } catch (error) {
      await file.close();
      throw error;
    }
    return file;
  }

  async #readMemory(): Promise<TextMemory> {
    const [file, text] = await Promise.all([this.#open('decapMemory'), this.file('decapMemoryText')]);
    try {
      const { dims, values } = readWeights(file.source, this.#entry('decapMemory').path).get('embeddings');
      const sentences = new TextDecoder().decode(text).trimEnd().split('\n');
      if (dims.length !== 2 || dims[1] !== this.manifest.space.dim || sentences.length !== dims[0])
        throw new StudioError('weights-invalid', `DeCap's memory is [${dims.join(', ')}] with ${sentences.length} sentences; expected one row of ${this.manifest.space.dim} for each sentence.`);
      return { embeddings: values, rows: dims[0], sentences };
    } finally {
      await file.close();
    }
  }

  /** What the graphs answer to their golden inputs; nothing for a family that was stored without it. */
  async #expected(): Promise<SelfCheck> {
    return this.manifest.files.selfCheck ? parseSelfCheck(await this.file('selfCheck'), this.name) : {};
  }

  async #load(name: GraphName): Promise<Session> {
    if (this.precision !== 'q8' || isQuantised(name)) return this.#loadAt(name, this.precision);
    if (!mayBeQuantised(this.manifest, name)) return this.#loadAt(name, 'fp32');
    // Measured on these very weights and this device; the exact tower goes first, so that only one is in memory at a time.
    const tokenizer = await this.tokenizer();
    const embeddings = (session: Session) => embeddingsOf(session, this.runtime, this.manifest, tokenizer);
    const exact = await this.#loadAt(name, 'fp32');
    const wanted = await embeddings(exact).finally(() => exact.release());
    // What the texts tell of it is its check: a tower that fails it is not a wrong device.
    const small = await this.#loadAt(name, 'q8', { check: false });
    const loss = cosineLoss(await embeddings(small), wanted);
    if (loss < allowedCosineLoss) return small;
    await small.release();
    return this.#loadAt(name, 'fp32');
  }

  async #loadAt(name: GraphName, precision: Precision, { check = true } = {}): Promise<Session> {
    const model = await this.#build(name, precision);
    this.#bytes.set(name, model.byteLength);
    this.#precisions.set(name, precision);
    const cache = name.endsWith('.cross') ? undefined : cacheOf(this.manifest, name);
    const keepOnDevice = Array.from({ length: cache?.layers ?? 0 }, (_, layer) => [`present_key.${layer}`, `present_value.${layer}`]).flat();
    const session = await this.runtime.load(model, { name: `${this.name} ${name}`, wholeOnDevice: !mayFallBack(this.manifest, name), keepOnDevice });
    try {
      if (check) await selfCheck(name, session, this.runtime, precision, this.manifest, await this.#expected());
    } catch (error) {
      await session.release();
      throw error;
    }
    return session;
  }

  async #build(name: GraphName, precision: Precision): Promise<Uint8Array> {
    const { files } = graphOf(this.manifest, name);
    const opened = await Promise.all(files.map((key) => this.#open(key)));
    try {
      const maps = opened.map(({ source }, i) => readWeights(source, this.#entry(files[i]!).path));
      return buildGraph(this.manifest, name, mergeWeights(...maps), { precision, device: this.runtime.device.name });
    } finally {
      await Promise.all(opened.map((file) => file.close()));
    }
  }

  /** One graph after the other: made at once, several would lie in memory twice, as bytes and as sessions. */
  #inTurn<T>(load: () => Promise<T>): Promise<T> {
    const mine = this.#loading.then(load, load);
    this.#loading = mine.catch(() => undefined);
    return mine;
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
