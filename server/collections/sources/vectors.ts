import { createHash } from 'node:crypto';
import type { OpenMatrix } from '../../vectors/open-matrix';
import { oneLine } from './pictures';
import type { Source, Sources } from './types';

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** A row of a matrix as an input of a collection. There may be a million: each is small, and read in its turn. */
class Row implements Source {
  constructor(
    private readonly of: OpenMatrix,
    private readonly kind: string,
    private readonly index: number,
  ) {}
  get key(): string {
    return this.of.keys.of(this.index);
  }
  get path(): string {
    const { matrix, keys } = this.of;
    return `${matrix.name}[${this.index}]${keys.named ? ` ${oneLine(this.key)}` : ''}`;
  }
  get from(): string | undefined {
    return this.of.path;
  }
  get stamp(): string {
    return `${this.kind} ${this.index} of ${this.of.stamp}`;
  }
  /** The float32 values. @throws embedding-invalid */
  async read(): Promise<Uint8Array> {
    return bytesOf(this.of.matrix.row(this.index));
  }
}

/** The rows of a matrix, in their order. @param kind what else their answers depend on */
export const rowSources = (of: OpenMatrix, kind: string): Sources => ({
  sources: Array.from({ length: of.matrix.rows }, (_, index) => new Row(of, kind, index)),
  tell: [],
  close: async () => of.close(),
});

/** A vector that was made: of several rows, or of texts. */
export type MadeVector = { key: string; path: string; values: Float32Array };

/** Vectors that were made, in their order. @param kind what else their answers depend on */
export const madeSources = (vectors: readonly MadeVector[], kind: string): Sources => ({
  sources: vectors.map(({ key, path, values }) => ({
    key,
    path,
    stamp: `${kind} ${createHash('sha256').update(bytesOf(values)).digest('hex')}`,
    // A copy: what is read goes over to whoever asked.
    read: async () => bytesOf(values.slice()),
  })),
  tell: [],
  close: async () => undefined,
});
