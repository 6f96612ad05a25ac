import { StudioError } from '../errors';
import type { GraphOptions } from '../networks/types';
import { type ByteSource, bytesSource } from '../files/byte-source';
import type { GraphName } from '../graphs/spec';
import { graphOf } from './graphs';
import type { Manifest, ManifestFile } from '../manifest';
import { readWeights } from '../files/packed';
import { mergeWeights } from '../files/safetensors';
import { verify, verifyHash } from './verify';

/** Where a family's files come from: a folder, a browser's storage. @throws weights-missing */
export interface FileSource {
  /** It gives out nothing whose SHA-256 is not the manifest's, so the family need not check again. */
  readonly verified?: boolean;
  read(path: string): Promise<Uint8Array>;
  /**
   * Random access to a large file, where the host has it, and its SHA-256: such a file is never held whole. The family
   * closes it.
   */
  open?(path: string): Promise<OpenFile>;
  /** Has files fetched, in this order, before they are needed. */
  ahead?(paths: readonly string[]): void;
  /**
   * Where models are made beside this thread, which loads and runs others meanwhile: resolves once files are there for
   * it.
   */
  arrived?(paths: readonly string[]): Promise<void>;
  /** Makes a model there, as `FamilyFiles.model` does. */
  model?(name: GraphName, options: GraphOptions): Promise<Uint8Array>;
}
export type OpenFile = { source: ByteSource; sha256(): Promise<string>; close(): Promise<void> };

/**
 * Files up to this size stay in memory once read, because several graphs share them; larger ones are read when a graph
 * is made.
 */
export const keptBytes = 32 * 1024 * 1024;

/** A family's files, each verified before it is given out, and the models that are made of them. */
export class FamilyFiles {
  readonly #files = new Map<string, Promise<Uint8Array>>();
  /** Keys of files that the host has, as far as is known here. */
  readonly #arrived = new Set<string>();
  /** Models that were made before they were asked for. */
  readonly #models = new Map<string, Promise<Uint8Array>>();

  constructor(
    readonly manifest: Manifest,
    private readonly source: FileSource,
  ) {}

  /** @throws weights-missing */
  entry(key: string): ManifestFile {
    const { files, family } = this.manifest;
    const entry = Object.hasOwn(files, key) ? files[key] : undefined;
    if (!entry) throw new StudioError('weights-missing', `Family ${family} has no file "${key}" in its manifest.`);
    return entry;
  }

  /** Verified bytes of a file of the manifest. @throws weights-missing, weights-corrupt */
  read(key: string): Promise<Uint8Array> {
    const entry = this.entry(key);
    const read = async () => {
      const bytes = await this.source.read(entry.path);
      if (!this.source.verified) await verify(bytes, entry, this.manifest.family);
      this.#arrived.add(key);
      return bytes;
    };
    return entry.bytes > keptBytes ? read() : once(this.#files, key, read);
  }

  /**
   * A file for reading tensors: whole where it is small or the host has no random access, else by a handle. @throws
   * weights-missing, weights-corrupt
   */
  async open(key: string): Promise<{ source: ByteSource; close(): Promise<void> }> {
    const entry = this.entry(key);
    if (entry.bytes <= keptBytes || !this.source.open)
      return { source: bytesSource(await this.read(key)), close: async () => undefined };
    const file = await this.source.open(entry.path);
    try {
      verifyHash(file.source.size, await file.sha256(), entry, this.manifest.family);
    } catch (error) {
      await file.close();
      throw error;
    }
    return file;
  }

  /** Has files fetched, in this order, where the host fetches at all. */
  ahead(keys: readonly string[]): void {
    this.source.ahead?.(keys.map((key) => this.entry(key).path));
  }

  /** Waits until a graph's files have arrived where its model is made. @throws weights-missing, weights-corrupt */
  async arrival(name: GraphName): Promise<void> {
    const lacking = graphOf(this.manifest, name).files.filter((key) => !this.#arrived.has(key));
    if (this.source.arrived) {
      if (lacking.length) await this.source.arrived(lacking.map((key) => this.entry(key).path));
      for (const key of lacking) this.#arrived.add(key);
      return;
    }
    // A large file of a host with random access is read where it lies.
    await Promise.all(
      lacking.filter((key) => this.entry(key).bytes <= keptBytes || !this.source.open).map((key) => this.read(key)),
    );
  }

  /**
   * Has a graph's model made before it is asked for, where that happens beside this thread. What goes wrong is told
   * when it is asked for.
   */
  make(name: GraphName, options: GraphOptions): void {
    const { model } = this.source;
    if (model) once(this.#models, modelKey(name, options), () => model(name, options)).catch(() => undefined);
  }

  /** The ONNX model of a graph; the caller's own. @throws weights-missing, weights-corrupt, weights-invalid */
  async model(name: GraphName, options: GraphOptions): Promise<Uint8Array> {
    const key = modelKey(name, options);
    const made = this.#models.get(key);
    this.#models.delete(key);
    return made ?? this.source.model?.(name, options) ?? this.#make(name, options);
  }

  async #make(name: GraphName, options: GraphOptions): Promise<Uint8Array> {
    const { files, build } = graphOf(this.manifest, name);
    const opened = await Promise.all(files.map((key) => this.open(key)));
    try {
      const maps = opened.map(({ source }, i) => readWeights(source, this.entry(files[i]!).path));
      return build(mergeWeights(...maps), options);
    } finally {
      await Promise.all(opened.map((file) => file.close()));
    }
  }
}

const modelKey = (name: GraphName, { precision }: GraphOptions) => `${name} ${precision}`;

/** A promise made once a key; a failed one is forgotten, so that the next caller tries again. */
export function once<K, T>(map: Map<K, Promise<T>>, key: K, make: () => Promise<T>): Promise<T> {
  let promise = map.get(key);
  if (!promise) {
    promise = make();
    map.set(key, promise);
    promise.catch(() => map.delete(key));
  }
  return promise;
}
