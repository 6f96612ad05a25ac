// Test support: the tests of this folder run a graph on onnxruntime itself, without the studio's runtime between.
// eslint-disable-next-line no-restricted-imports
import * as ort from 'onnxruntime-node';

export type Feeds = Record<string, ort.Tensor>;

export const float = (values: ArrayLike<number>, dims: readonly number[]) =>
  new ort.Tensor('float32', Float32Array.from(values), dims);
export const long = (values: ArrayLike<number>, dims: readonly number[] = [values.length]) =>
  new ort.Tensor('int64', BigInt64Array.from(Array.from(values), BigInt), dims);

export async function open(model: Uint8Array): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, { logSeverityLevel: 3, intraOpNumThreads: 1 });
}

/** Outputs as plain numbers. */
export function values(tensor: ort.Tensor | undefined): ArrayLike<number> {
  if (!tensor) throw new Error('The graph has no such output.');
  if (tensor.data instanceof BigInt64Array) return Array.from(tensor.data, Number);
  return tensor.data as Float32Array;
}

function causal(batch: number, fresh: number, total: number): number[] {
  return Array.from({ length: batch * fresh * total }, (_, i) =>
    i % total > total - fresh + (Math.floor(i / total) % fresh) ? -30_000 : 0,
  );
}

/** The cache of a step graph, and the inputs that depend on its length only. */
export class StepSession {
  private past: Feeds = {};
  private length = 0;

  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly constants: Feeds,
    private readonly empty: ort.Tensor,
  ) {}

  /** `constants` are fed to every run (cross-attention keys and values). */
  static async open(model: Uint8Array, heads: number, headSize: number, constants: Feeds = {}): Promise<StepSession> {
    const session = await open(model);
    const meta = session.inputMetadata.find((input) => input.name === 'past_key.0');
    const half = meta?.isTensor === true && meta.type === 'float16';
    const empty = half
      ? new ort.Tensor('float16', new Uint16Array(0), [1, heads, 0, headSize])
      : float([], [1, heads, 0, headSize]);
    return new StepSession(session, constants, empty);
  }

  reset(): void {
    this.past = {};
    this.length = 0;
  }

  /** [photos, rows of each, width], told by the keys of the cross-attentions. */
  private photoRows(): number[] {
    const [photos = 1, heads = 1, , headSize = 1] = this.constants['cross_key.0']?.dims ?? [];
    return [photos, -1, heads * headSize];
  }

  /** Runs `rows` new tokens after the past, row r continuing row `parents[r]`, and keeps the cache. */
  async run(rows: number[][], parents: number[], more: Feeds): Promise<ort.InferenceSession.OnnxValueMapType> {
    const fresh = rows[0]!.length + (more.prefix_embeds?.dims[1] ?? 0);
    const total = this.length + fresh;
    const batch = rows.length;
    const offered: Feeds = {
      input_ids: long(rows.flat(), [batch, rows[0]!.length]),
      position_ids: long(Array.from({ length: fresh }, (_, i) => this.length + i)),
      beam_index: long(parents),
      seqlens_k: new ort.Tensor('int32', new Int32Array(batch).fill(total - 1), [batch]),
      // Causal, nothing hidden: what the padding mask hides, the goldens of models/decoders/coca tell.
      attention_mask: float(causal(batch, fresh, total), [batch, 1, fresh, total]),
      attention_bias: float(causal(1, fresh, total), [1, 1, fresh, total]),
      told_tokens: long(rows.map((_, row) => row * fresh + fresh - 1)),
      head_rows: long(rows.map((_, row) => row)),
      total_sequence_length: new ort.Tensor('int32', Int32Array.of(total), []),
      photo_rows: long(this.photoRows()),
      ...this.constants,
      ...more,
    };
    const feeds: Feeds = {};
    for (const name of this.session.inputNames) {
      const tensor = offered[name] ?? (name.startsWith('past_') ? (this.past[name] ?? this.empty) : undefined);
      if (tensor) feeds[name] = tensor;
    }
    const outputs = await this.session.run(feeds);
    for (const name of this.session.outputNames)
      if (name.startsWith('present_')) this.past[name.replace('present', 'past')] = outputs[name]!;
    this.length = total;
    return outputs;
  }
}
