import { type Asset, assetKeys } from '../decoders/asset';
import { decoders } from '../decoders/registry';
import type { DecoderFamily } from '../decoders/types';
import { StudioError } from '../errors';
import type { GraphName, GraphSpec } from '../graphs/spec';
import { integerProductsExact } from './integer-products';
import type { GraphOptions, WeightMap } from '../networks/types';
import type { Precision, Runtime, Session } from '../runtime/types';
import { openTokenizer, type Tokenizer } from '../spaces/tokenizer';
import { FamilyFiles, type FileSource, type OpenFile, once } from './family-files';
import { graphNamesOf, graphOf } from './graphs';
import { type LanguageModel, languageModelOf, type Manifest, parseManifest } from '../manifest';
import { readWeights } from '../files/packed';
import { parseSelfCheck, selfCheck, type SelfCheck } from './self-check';
import { allowedCosineLoss, cosineLoss, embeddingsOf } from './tower-loss';
import { sha256 } from './verify';

export type { FileSource, OpenFile };

/**
 * A space and the decoders trained for it: verified files and sessions that are made when first needed and shared by
 * all lanes.
 */
export class Family implements DecoderFamily {
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #files: FamilyFiles;
  readonly #bytes = new Map<string, number>();
  readonly #precisions = new Map<string, Precision>();
  readonly #tokenizers = new Map<string, Promise<Tokenizer>>();
  readonly #assets = new Map<Asset<unknown>, Promise<unknown>>();
  #loading: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly manifest: Manifest,
    /** SHA-256 of the manifest, which itself holds those of all files: names these very weights. */
    readonly hash: string,
    source: FileSource,
    readonly runtime: Runtime,
    readonly precision: Precision,
    /** See `GraphOptions`. */
    private readonly integers: boolean,
  ) {
    this.#files = new FamilyFiles(manifest, source);
  }

  /** Reads the manifest; weights follow when they are needed. @throws weights-missing, weights-invalid */
  static async open(options: { files: FileSource; runtime: Runtime; precision: Precision }): Promise<Family> {
    const bytes = await options.files.read('manifest.json');
    return new Family(
      parseManifest(bytes, 'the family'),
      await sha256(bytes),
      options.files,
      options.runtime,
      options.precision,
      options.precision === 'q8' && (await integerProductsExact(options.runtime)),
    );
  }

  get name(): string {
    return this.manifest.family;
  }

  /** Names of the graphs that this family has. */
  get graphNames(): readonly GraphName[] {
    return graphNamesOf(this.manifest);
  }

  /** All that is told of a graph. @throws weights-invalid */
  graph(name: GraphName): GraphSpec {
    return graphOf(this.manifest, name);
  }

  /** The language model that a decoder speaks with. @throws weights-invalid */
  languageModel(decoder: string): LanguageModel {
    return languageModelOf(this.manifest, decoder);
  }

  /**
   * The session of a graph; weights are read, verified and loaded on first use. @throws weights-corrupt,
   * weights-invalid, device-failed
   */
  session(name: GraphName): Promise<Session> {
    return once(this.#sessions, name, () => this.#inTurn(() => this.#load(name)));
  }

  /**
   * The precision at which a graph is in memory; undefined for one that is not. Towers may differ from the family's
   * own.
   */
  precisionOf(name: GraphName): Precision | undefined {
    return this.#precisions.get(name);
  }

  /** Whether a graph is in memory already. */
  isLoaded(name: GraphName): boolean {
    return this.#sessions.has(name);
  }

  /**
   * Has what graphs need fetched before they are asked for: `first` in its order, then `others`. The models of `first`
   * are made as soon as
   * their files are there, where the host makes them beside this thread.
   */
  prefetch(first: readonly GraphName[], others: readonly GraphName[]): void {
    const { files, space, decoders: own } = this.manifest;
    const keys = new Set<string>();
    for (const name of [...first, ...others]) {
      const graph = this.graph(name);
      for (const key of graph.files) keys.add(key);
      if (files.selfCheck) keys.add('selfCheck');
      keys.add(space.text.tokenizer);
      if (own[graph.decoder]) keys.add(this.languageModel(graph.decoder).tokenizer);
      const decoder = decoders.find((one) => one.name === graph.decoder);
      for (const key of decoder ? assetKeys(this.manifest, decoder) : []) keys.add(key);
    }
    this.#files.ahead([...keys]);
    for (const name of first) this.make(name);
    // Whatever fails is told by the lane that uses it.
    for (const work of [this.tokenizer(), ...(files.selfCheck ? [this.file('selfCheck')] : [])])
      work.catch(() => undefined);
  }

  /**
   * Waits until all that a graph is made of has arrived, so that making it waits for nothing but the device. @throws
   * weights-missing, weights-corrupt
   */
  async fetch(name: GraphName): Promise<void> {
    if (this.isLoaded(name)) return;
    await Promise.all([this.#files.arrival(name), ...(this.manifest.files.selfCheck ? [this.file('selfCheck')] : [])]);
  }

  /**
   * Has the model of a graph that comes next made while the device is at work, where the host makes models beside its
   * thread.
   */
  make(name: GraphName): void {
    if (!this.isLoaded(name)) this.#files.make(name, this.#options(this.#firstPrecision(name)));
  }

  /** Verified bytes of a file of the manifest. @throws weights-missing, weights-corrupt */
  file(key: string): Promise<Uint8Array> {
    return this.#files.read(key);
  }

  /**
   * The tokenizer in a file of the manifest: that of the space without a key. @throws weights-missing, weights-corrupt,
   * weights-invalid
   */
  tokenizer(key = this.manifest.space.text.tokenizer): Promise<Tokenizer> {
    return once(this.#tokenizers, key, async () => openTokenizer(await this.file(key)));
  }

  /**
   * Token table of a language model's graph, [rows, width]. @throws weights-missing, weights-corrupt, weights-invalid
   */
  async tokenTable(name: GraphName): Promise<{ values: Float32Array; rows: number; width: number }> {
    const { files, tokenTable } = this.graph(name);
    if (!tokenTable) throw new StudioError('internal', `The graph ${name} has no token table.`);
    const { dims, values } = await this.tensors(files.at(-1)!, (tensors) => tensors.get(tokenTable));
    return { values, rows: dims[0]!, width: dims[1]! };
  }

  /** What `read` makes of a file's tensors. @throws weights-missing, weights-corrupt, weights-invalid */
  async tensors<T>(key: string, read: (tensors: WeightMap) => T): Promise<T> {
    const file = await this.#files.open(key);
    try {
      return read(readWeights(file.source, this.#files.entry(key).path));
    } finally {
      await file.close();
    }
  }

  /** What a decoder's weights bring beside its graphs, read once. @throws what reading it throws */
  asset<T>(asset: Asset<T>): Promise<T> {
    return once(this.#assets as Map<Asset<T>, Promise<T>>, asset, () => asset.read(this));
  }

  /** Bytes of the graphs that are in memory, of those named: weights and structure. */
  graphBytes(names: readonly GraphName[]): number {
    return names.reduce((sum, name) => sum + (this.#bytes.get(name) ?? 0), 0);
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await session.then((s) => s.release()).catch(() => undefined);
  }

  /** What the graphs answer to their golden inputs; nothing for a family that was stored without it. */
  async #expected(): Promise<SelfCheck> {
    return this.manifest.files.selfCheck ? parseSelfCheck(await this.file('selfCheck'), this.name) : {};
  }

  async #load(name: GraphName): Promise<Session> {
    const { precision } = this.graph(name);
    const measured = precision === 'measured' || (precision === 'measured-integers' && this.integers);
    if (this.precision !== 'q8' || !measured) return this.#loadAt(name, this.#firstPrecision(name));
    // Measured on these very weights and this device; the exact tower goes first, so that only one is in memory at a
    // time.
    const embeddings = (session: Session) =>
      embeddingsOf(name, session, this.runtime, this.manifest, () => this.tokenizer());
    const exact = await this.#loadAt(name, 'fp32');
    const wanted = await embeddings(exact).finally(() => exact.release());
    // What the trial tells of it is its check: a tower that fails it is not a wrong device.
    const small = await this.#loadAt(name, 'q8', { check: false });
    const loss = cosineLoss(await embeddings(small), wanted);
    if (loss < allowedCosineLoss) return small;
    await small.release();
    return this.#loadAt(name, 'fp32');
  }

  /**
   * What is small, or loses much, stays fp32 in a family of 8 bit; a tower that may be quantised is fp32 before that is
   * measured.
   */
  #firstPrecision(name: GraphName): Precision {
    return this.precision === 'q8' && this.graph(name).precision !== 'family' ? 'fp32' : this.precision;
  }

  #options(precision: Precision): GraphOptions {
    return { precision, device: this.runtime.device.name, integers: this.integers };
  }

  async #loadAt(name: GraphName, precision: Precision, { check = true } = {}): Promise<Session> {
    const model = await this.#files.model(name, this.#options(precision));
    this.#bytes.set(name, model.byteLength);
    this.#precisions.set(name, precision);
    const { cache, fallback } = this.graph(name);
    const keepOnDevice = Array.from({ length: cache?.layers ?? 0 }, (_, layer) => [
      `present_key.${layer}`,
      `present_value.${layer}`,
    ]).flat();
    const session = await this.runtime.load(model, {
      name: `${this.name} ${name}`,
      wholeOnDevice: fallback === 'none',
      keepOnDevice,
    });
    try {
      if (check) await selfCheck(name, session, this.runtime, precision, this.manifest, await this.#expected());
    } catch (error) {
      await session.release();
      throw error;
    }
    return session;
  }

  /** One graph after the other: made at once, several would lie in memory twice, as bytes and as sessions. */
  #inTurn<T>(load: () => Promise<T>): Promise<T> {
    const mine = this.#loading.then(load, load);
    this.#loading = mine.catch(() => undefined);
    return mine;
  }
}
